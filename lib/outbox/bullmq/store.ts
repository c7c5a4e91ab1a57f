import type { AbortSignalLike } from '../../../index.js';
import type { OutboxStats, ParkedEntry, Recorded } from '../../../types/outbox.js';
import type { Conversion } from '../conversion.ts';
import type { EntryState, ListedEntry } from '../listed-entry.ts';
import type { OperatorStore, OutboxStore } from '../outbox-base.ts';
import { pollUntilDrained } from '../queue/drained.ts';
import { STORE_TIMEOUT, wrapStoreErrors } from '../queue/store-errors.ts';
import { type Argument, type Connection, listOf, type Reply } from './connection.ts';
import { jobIdOf, listedEntry, parkedEntry } from './job.ts';
import type { RecordBatch } from './record-batch.ts';
import type { ScriptName } from './scripts/scripts.ts';
import { EVERYBODY, NOBODY } from './scripts/shared.ts';
import type { BullWorker } from './worker.ts';

/** Entries that are read at a time. */
const PAGE = 200;
const SETS_OF_STATE = { pending: 'pending', held: 'pending', sending: 'sending', parked: 'parked' } as const;

export interface StoreSettings {
  readonly connection: Connection;
  readonly base: string;
  /** {@link EVERYBODY} works with the entries of all identities. */
  readonly identity: string;
  readonly batch: RecordBatch;
  readonly worker: BullWorker | undefined;
  readonly onClose: () => void;
}

/** The entries as jobs in Redis. */
export class BullStore implements OutboxStore, OperatorStore {
  readonly #settings: StoreSettings;

  constructor(settings: StoreSettings) {
    this.#settings = settings;
  }

  async record(conversion: Conversion): Promise<Recorded> {
    const { batch, worker } = this.#settings;
    const recorded = await batch.add(conversion);
    worker?.wake();
    return recorded;
  }

  async *parked(): AsyncGenerator<ParkedEntry> {
    for await (const job of this.#pages('parked')) yield parkedEntry(job);
  }

  async *entries(state?: EntryState): AsyncGenerator<ListedEntry> {
    const sets = state === undefined ? (['sending', 'pending', 'parked'] as const) : [SETS_OF_STATE[state]];
    for (const set of sets) {
      for await (const job of this.#pages(set)) {
        const entry = listedEntry(job);
        if (state === undefined || entry.state === state) yield entry;
      }
    }
  }

  async find(id: string): Promise<ListedEntry | undefined> {
    const job = listOf(await this.#ask('find', [this.#settings.identity, jobIdOf(id)]));
    return job.length === 0 ? undefined : listedEntry(job);
  }

  async resend(id: string): Promise<boolean> {
    const isDone = (await this.#ask('decide', [this.#settings.identity, jobIdOf(id), 'resend'])) === 1;
    this.#settings.worker?.wake();
    return isDone;
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#ask('decide', [this.#settings.identity, jobIdOf(id), 'discard'])) === 1;
  }

  async stats(): Promise<OutboxStats> {
    const counts = listOf(await this.#ask('stats', [this.#settings.identity]));
    const [pending, held, sending, parked, foreign] = counts.map(Number) as [number, number, number, number, number];
    const oldest = counts[5];
    return { pending, held, sending, parked, foreign, oldest: oldest ? new Date(Number(oldest)) : null };
  }

  async resume(): Promise<boolean> {
    const wasShared = (await this.#ask('resume', [this.#settings.identity])) === 1;
    const wasOurs = this.#settings.worker?.resume() ?? false;
    return wasShared || wasOurs;
  }

  async adopt(): Promise<number> {
    const { identity, worker } = this.#settings;
    // An operator, or a process without a key, has nothing to take them over with.
    if (identity === EVERYBODY || identity === NOBODY) return 0;
    for (let adopted = 0; ; ) {
      const [count, isMore] = listOf(await this.#ask('adopt', [identity])).map(Number);
      adopted += count ?? 0;
      if (isMore === 1) continue;
      worker?.wake();
      return adopted;
    }
  }

  async erase(customer: string): Promise<number> {
    let erased = 0;
    for (const identity of await this.#identities()) {
      for (const set of ['order', 'held', 'parked', 'sending']) {
        for (let start = 0; start >= 0; ) {
          const [removed, next] = listOf(await this.#ask('erase', [identity, customer, set, start])).map(Number);
          erased += removed ?? 0;
          start = next ?? -1;
        }
      }
    }
    return erased;
  }

  drained(signal: AbortSignalLike | undefined): Promise<void> {
    return pollUntilDrained(() => this.stats(), signal);
  }

  async close(timeout = 0): Promise<void> {
    const { worker, onClose } = this.#settings;
    await worker?.close(timeout);
    onClose();
  }

  /** The identities whose entries are shown and decided about here. */
  async #identities(): Promise<string[]> {
    const { connection, identity, base } = this.#settings;
    if (identity !== EVERYBODY) return identity === NOBODY ? [NOBODY] : [identity, NOBODY];
    return this.#bounded(connection.answerTo(connection.client.smembers(`${base}rf:identities`)));
  }

  /** The jobs of a set, oldest first, a page at a time. */
  async *#pages(set: string): AsyncGenerator<Reply[]> {
    for (const identity of await this.#identities()) {
      for (let after = '-inf'; ; ) {
        const [score, jobs] = listOf(await this.#ask('page', [identity, set, after, PAGE]));
        for (const job of listOf(jobs)) yield listOf(job);
        if (!score) break;
        after = `(${score}`;
      }
    }
  }

  #ask(name: ScriptName, args: readonly Argument[]): Promise<Reply> {
    const { connection } = this.#settings;
    return this.#bounded(connection.whenReady(STORE_TIMEOUT).then(() => connection.run(name, args)));
  }

  #bounded<T>(answer: Promise<T>): Promise<T> {
    return wrapStoreErrors(answer, { lastError: this.#settings.connection.lastError });
  }
}
