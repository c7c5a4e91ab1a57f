import { clearTimeout, now, setTimeout } from '#platform';
import { warnOfForeign } from '../foreign.ts';
import type { PgConnection } from './connection.ts';
import { jsonOf, type ParkedData } from './job.ts';
import { BATCH, LEASE } from './statements/shared.ts';
import type { Statements } from './statements/statements.ts';
import type { Taken } from './worker.ts';

/** Milliseconds between two rounds; several within the lease. */
const INTERVAL = (LEASE / 3) * 1000;
/** Milliseconds between two searches for entries of other keys: where there are none, all are looked at. */
const FOREIGN_INTERVAL = 60_000;
/** A round waits so many times its own duration, so that it never takes much of the server. */
const REST = 10;

interface MaintenanceOptions {
  readonly schema: string;
  /** Milliseconds. */
  readonly maxAge: number;
  readonly keepRejected: number;
  readonly adopt: boolean;
}

interface MaintenanceHooks {
  /** The entries that this process holds. */
  taken(): Iterable<Taken>;
  /** One of them is another process's now. */
  lose(entry: Taken): void;
  onExpired(data: ParkedData): void;
  /** There may be something to send. */
  onChange(): void;
}

/** The work of a worker apart from delivery, done now and then. */
export class Maintenance {
  readonly #connection: PgConnection;
  readonly #options: MaintenanceOptions;
  readonly #hooks: MaintenanceHooks;
  #confirmTimer: ReturnType<typeof setTimeout> | undefined;
  #roundTimer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;
  /** When to search for entries of other keys again, on the monotonic clock. */
  #foreignDue = 0;

  constructor(connection: PgConnection, options: MaintenanceOptions, hooks: MaintenanceHooks) {
    this.#connection = connection;
    this.#options = options;
    this.#hooks = hooks;
    this.#scheduleConfirm();
    this.#scheduleRound(0);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#confirmTimer);
    clearTimeout(this.#roundTimer);
  }

  #scheduleConfirm(): void {
    if (this.#isStopped) return;
    // Postgres is away: others take the entries if it lasts.
    const confirm = (): Promise<void> => this.#confirm().catch(() => {});
    this.#confirmTimer = setTimeout(() => confirm().finally(() => this.#scheduleConfirm()), INTERVAL);
  }

  #scheduleRound(wait: number): void {
    if (this.#isStopped) return;
    this.#roundTimer = setTimeout(async () => {
      const start = now();
      await this.#round().catch(() => {});
      this.#scheduleRound(Math.max(INTERVAL, REST * (now() - start)));
    }, wait);
  }

  /** Tells the others that this process is alive. */
  async #confirm(): Promise<void> {
    const entries = [...this.#hooks.taken()];
    if (entries.length === 0) return;
    const confirmedAt = now();
    const lines = JSON.stringify(entries.map(({ id, attempt }) => ({ id, attempt })));
    const rows = await this.#connection.run<{ id: string }>(({ confirm }) => confirm, [lines]);
    const ours = new Set(rows.map(({ id }) => id));
    for (const entry of entries) {
      if (ours.has(entry.id)) entry.confirmedAt = confirmedAt;
      else this.#hooks.lose(entry);
    }
  }

  async #round(): Promise<void> {
    const { maxAge, keepRejected, adopt } = this.#options;
    const interrupted = await this.#connection.run(({ interrupt }) => interrupt);
    if (interrupted.length > 0) this.#hooks.onChange();
    await this.#connection.run(({ forgetErased }) => forgetErased);
    await this.#inBatches(
      ({ expire }) => expire,
      [maxAge / 1000],
      (row) => this.#hooks.onExpired(jsonOf<ParkedData>((row as { data: unknown }).data)),
    );
    await this.#inBatches(({ dropRejected }) => dropRejected, [keepRejected / 1000]);
    if (adopt) {
      if ((await adoptAll(this.#connection)) > 0) this.#hooks.onChange();
    } else {
      await this.#warnOfForeign();
    }
  }

  async #inBatches(
    choose: (statements: Statements) => string,
    values: unknown[],
    each: (row: unknown) => void = () => {},
  ): Promise<void> {
    let rows: unknown[];
    do {
      rows = await this.#connection.run(choose, values);
      for (const row of rows) each(row);
    } while (rows.length === BATCH && !this.#isStopped);
  }

  async #warnOfForeign(): Promise<void> {
    if (now() < this.#foreignDue) return;
    this.#foreignDue = now() + FOREIGN_INTERVAL;
    const [row] = await this.#connection.run<{ count: number }>(({ foreign }) => foreign);
    if (!row?.count) return;
    this.#foreignDue = Number.POSITIVE_INFINITY;
    const { schema } = this.#options;
    warnOfForeign(row.count, `The outbox in the schema ${schema}`, 'give each application a schema of its own');
  }
}

/** @returns how many entries of other identities are this one's now */
export async function adoptAll(connection: PgConnection): Promise<number> {
  let adopted = 0;
  for (;;) {
    const rows = await connection.run(({ adopt }) => adopt);
    adopted += rows.length;
    if (rows.length < BATCH) return adopted;
  }
}
