import type { OutboxStats, ParkedEntry, Recorded } from '../../../types/outbox.js';
import { RefportValidationError } from '../../client/errors.ts';
import type { Conversion } from '../conversion.ts';
import type { EntryState, ListedEntry } from '../listed-entry.ts';
import type { OperatorStore, OutboxStore } from '../outbox-base.ts';
import type { Given } from '../outbox-options.ts';
import { pollUntilDrained } from '../queue/drained.ts';
import { wrapEachStoreError, wrapStoreErrors } from '../queue/store-errors.ts';
import type { Db } from './boss.js';
import type { PgConnection } from './connection.ts';
import {
  customerKey,
  type JobRow,
  jobIdOf,
  jsonOf,
  listedEntryOf,
  newJob,
  type ParkedData,
  parkedEntryOf,
} from './job.ts';
import { adoptAll } from './maintenance.ts';
import { Recorder } from './recorder.ts';
import type { PgWorker } from './worker.ts';

/** Before the first job of a page. */
const START = { position: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
const STATES: readonly EntryState[] = ['sending', 'pending', 'held', 'parked'];

export interface StoreSettings {
  /** 32 hex digits; undefined: entries are recorded for nobody, and all are seen. */
  readonly identity: string | undefined;
  /** Milliseconds. */
  readonly recordTimeout: number;
}

/** The entries as jobs of pg-boss in Postgres. */
export class PgStore implements OutboxStore, OperatorStore {
  readonly #connection: PgConnection;
  readonly #settings: StoreSettings;
  readonly #worker: PgWorker | undefined;
  readonly #recorder: Recorder;
  /** Recorders by transaction, so that recordings of one turn in one transaction are one statement, too. */
  readonly #inTransaction = new WeakMap<Db, Recorder>();

  constructor(connection: PgConnection, settings: StoreSettings, worker: PgWorker | undefined) {
    this.#connection = connection;
    this.#settings = settings;
    this.#worker = worker;
    this.#recorder = new Recorder(async (jobs) => {
      const rows = await connection.run<{ id: string }>(({ record }) => record(false), [jobs]);
      return rows.map(({ id }) => id);
    });
  }

  async record(conversion: Conversion, given: Given): Promise<Recorded> {
    const db = databaseOf(given.db);
    const { entryId, job } = newJob(conversion, this.#settings.identity);
    const recorder = db ? this.#recorderIn(db) : this.#recorder;
    const recorded = await wrapStoreErrors(recorder.record(entryId, job), { timeout: this.#settings.recordTimeout });
    this.#worker?.wake();
    return recorded;
  }

  parked(): AsyncIterable<ParkedEntry> {
    return wrapEachStoreError(this.#parked());
  }

  async resend(id: string): Promise<boolean> {
    const rows = await wrapStoreErrors(this.#connection.run(({ resend }) => resend, [jobIdOf(id)]));
    this.#worker?.wake();
    return rows.length > 0;
  }

  async discard(id: string): Promise<boolean> {
    const rows = await wrapStoreErrors(this.#connection.run(({ discard }) => discard, [jobIdOf(id)]));
    return rows.length > 0;
  }

  async stats(): Promise<OutboxStats> {
    const [row] = await wrapStoreErrors(this.#connection.run<OutboxStats>(({ stats }) => stats));
    const { pending, held, sending, parked, foreign, oldest } = row as OutboxStats;
    // Some adapters return dates as text.
    return { pending, held, sending, parked, foreign, oldest: oldest && new Date(oldest) };
  }

  resume(): Promise<boolean> {
    return wrapStoreErrors(this.#worker ? this.#worker.resume() : this.#unpause());
  }

  async adopt(): Promise<number> {
    if (this.#settings.identity === undefined) return 0;
    const adopted = await wrapStoreErrors(adoptAll(this.#connection));
    this.#worker?.wake();
    return adopted;
  }

  async erase(customer: string): Promise<number> {
    const rows = await wrapStoreErrors(
      this.#connection.run<{ count: number }>(({ erase }) => erase, [customerKey(customer)]),
    );
    return rows[0]?.count ?? 0;
  }

  async drained(signal: AbortSignal | undefined): Promise<void> {
    await pollUntilDrained(async () => {
      const [row] = await wrapStoreErrors(this.#connection.run<{ busy: boolean }>(({ isBusy }) => isBusy));
      return { pending: row?.busy ? 1 : 0, sending: 0 };
    }, signal);
  }

  async close(timeout = 0): Promise<void> {
    await this.#worker?.close(timeout);
    await this.#connection.close();
  }

  async *entries(state?: EntryState): AsyncGenerator<ListedEntry> {
    for (const one of state ? [state] : STATES) {
      for await (const row of wrapEachStoreError(this.#rows(one))) yield listedEntryOf(row, one);
    }
  }

  async find(id: string): Promise<ListedEntry | undefined> {
    for (const state of STATES) {
      for await (const row of wrapEachStoreError(this.#rows(state, jobIdOf(id)))) return listedEntryOf(row, state);
    }
    return undefined;
  }

  async *#parked(): AsyncGenerator<ParkedEntry> {
    for await (const { data } of this.#rows('parked')) yield parkedEntryOf(jsonOf<ParkedData>(data));
  }

  /** The jobs of a state, oldest first. @param jobId - only this one */
  async *#rows(state: EntryState, jobId: string | null = null): AsyncGenerator<JobRow> {
    let last: { position: string; id: string } = START;
    for (;;) {
      const rows = await this.#connection.run<JobRow>(({ pages }) => pages[state], [last.position, last.id, jobId]);
      yield* rows;
      const end = rows.at(-1);
      if (end === undefined) return;
      last = end;
    }
  }

  async #unpause(): Promise<boolean> {
    const rows = await this.#connection.run(({ unpause }) => unpause);
    return rows.length > 0;
  }

  #recorderIn(db: Db): Recorder {
    const existing = this.#inTransaction.get(db);
    if (existing) return existing;
    const recorder = new Recorder(async (jobs) => {
      const rows = await this.#connection.runIn<{ id: string }>(db, ({ record }) => record(true), [jobs]);
      return rows.map(({ id }) => id);
    });
    this.#inTransaction.set(db, recorder);
    return recorder;
  }
}

/** A database of pg-boss: of the outbox, or of one transaction. */
export function databaseOf(db: unknown): Db | undefined {
  if (db === undefined || db === null) return undefined;
  if (typeof (db as Partial<Db>).executeSql === 'function') return db as Db;
  throw new RefportValidationError('db must be a database of pg-boss: an object with executeSql(text, values)');
}
