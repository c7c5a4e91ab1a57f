import type { Recorded } from '../../../types/outbox.js';
import type { NewJob } from './job.ts';

interface Waiting {
  readonly entryId: string;
  readonly job: Omit<NewJob, 'n'>;
  resolve(recorded: Recorded): void;
  reject(error: unknown): void;
}

/** One statement's size: Postgres plans and sorts it as a whole. */
const MAX_BATCH = 1000;

const resolved = Promise.resolve();

/** Runs the statement that records, and returns the job ids that were new. */
type Insert = (jobs: string) => Promise<string[]>;

/**
 * Joins the recordings of one event-loop turn, and those made while the statement before was running, into one statement.
 * Statements run one at a time, so that the entries of a customer keep their order.
 */
export class Recorder {
  readonly #insert: Insert;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(insert: Insert) {
    this.#insert = insert;
  }

  record(entryId: string, job: Omit<NewJob, 'n'>): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entryId, job, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // Not by queueMicrotask, which fake timers replace.
      resolved.then(() => this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        settle(batch, await this.#insert(JSON.stringify(batch.map(({ job }, n) => ({ n, ...job })))));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isRunning = false;
  }
}

/** If a batch holds an id twice, the first one of them is the new one. */
function settle(batch: Waiting[], newIds: string[]): void {
  const isNew = new Set(newIds);
  for (const { entryId, job, resolve } of batch) resolve({ id: entryId, duplicate: !isNew.delete(job.id) });
}
