import { setTimeout } from '#platform';
import type { PgConnection } from './connection.ts';
import type { JobOutput, ParkedData } from './job.ts';

/** The state that an entry gets after it was taken. */
export type Settlement =
  | { readonly kind: 'done' | 'release' }
  | { readonly kind: 'retry'; readonly wait: number; readonly output: JobOutput }
  | { readonly kind: 'park'; readonly data: ParkedData };

/** The taking of an entry that is settled. */
export interface Attempt {
  readonly id: string;
  readonly attempt: number;
  /** The state before it was taken. */
  readonly was: string;
}

interface Waiting {
  readonly line: Attempt & Settlement;
  resolve(isOurs: boolean): void;
  reject(error: unknown): void;
}

/** Milliseconds between two tries while Postgres is away. */
const RETRY_WAIT = 500;

/**
 * Settles with one statement all entries that finished while the statement before was running. A statement that fails is repeated: it has no effect on entries that were taken again meanwhile.
 */
export class Settler {
  readonly #connection: PgConnection;
  readonly #signal: AbortSignal;
  #waiting: Waiting[] = [];
  #isRunning = false;

  /** @param signal - gives up */
  constructor(connection: PgConnection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /** @returns whether the entry was still this attempt's */
  settle({ id, attempt, was }: Attempt, settlement: Settlement): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line: { id, attempt, was, ...settlement }, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Attempts that end in the same turn of the event loop are settled together.
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const ours = await this.#persist(JSON.stringify(batch.map(({ line }) => line)));
        for (const { line, resolve } of batch) resolve(ours.has(line.id));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isRunning = false;
  }

  async #persist(lines: string): Promise<Set<string>> {
    for (;;) {
      try {
        const rows = await this.#connection.run<{ id: string }>(({ settle }) => settle, [lines]);
        return new Set(rows.map(({ id }) => id));
      } catch (error) {
        if (this.#signal.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_WAIT));
      }
    }
  }
}
