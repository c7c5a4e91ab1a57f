import { builtin, now, setTimeout } from '#platform';
import type { Conversion } from '../conversion.ts';
import { storeError, wrapStoreErrors } from '../queue/store-errors.ts';
import { BrokenConnection, type Connection } from './connection.ts';
import { dataOf, jobIdOf } from './job.ts';

/**
 * Entries of one script, and their characters: Redis does nothing else meanwhile. A turn that records more sends several scripts
 * one after the other, so that Redis works on one while this process makes the next.
 */
const MAX_ENTRIES = 32;
const MAX_LENGTH = 512 * 1024;
/** The deadlines of one script's entries differ by this many milliseconds at most. */
const SAME_TIME = 50;

const resolved = Promise.resolve();

interface Recording {
  readonly args: readonly [string, string, string, string, number, number, string];
  readonly length: number;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
  /** When it is given up, on the clock of `performance`. */
  readonly deadline: number;
}

const { randomUUID } = builtin('node:crypto');

/** Joins the recordings of one event-loop turn into one round trip. */
export class RecordBatch {
  readonly #connection: Connection;
  readonly #identity: string;
  readonly #timeout: number;
  #waiting: Recording[] = [];
  #isScheduled = false;
  #isConnecting = false;

  /** @param timeout - milliseconds that recording waits for Redis */
  constructor(connection: Connection, identity: string, timeout: number) {
    this.#connection = connection;
    this.#identity = identity;
    this.#timeout = timeout;
  }

  /** Resolves, when it is stored, with the id and whether it is new. Rejects with an error of the outbox. */
  async add(conversion: Conversion): Promise<{ id: string; duplicate: boolean }> {
    const id = conversion.id ?? randomUUID();
    // A repeated command must recognise its own entry. No two have the same random id.
    const token = conversion.id === undefined ? '' : randomUUID();
    const data = dataOf(id, conversion);
    const isRepeatable = conversion.isIdempotent || conversion.retryAmbiguous;
    const due = conversion.deliverAt?.getTime() ?? 0;
    const isNew = await new Promise<boolean>((resolve, reject) => {
      this.#waiting.push({
        args: [jobIdOf(id), conversion.call, data, conversion.customer, isRepeatable ? 1 : 0, due, token],
        length: data.length,
        resolve,
        reject,
        deadline: now() + this.#timeout,
      });
      this.#schedule();
    });
    return { id, duplicate: !isNew && conversion.id !== undefined };
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After what is ready to run now, which may record as well.
    resolved.then(() => {
      this.#isScheduled = false;
      if (this.#connection.isReady) this.#flush();
      else void this.#connect();
    });
  }

  /** Connects first: an entry that no connection was handed is certainly not recorded when its recording is given up. */
  async #connect(): Promise<void> {
    if (this.#isConnecting) return;
    this.#isConnecting = true;
    while (this.#waiting.length > 0 && !this.#connection.isReady) {
      const [first] = this.#waiting;
      const left = Math.max(0, (first?.deadline ?? 0) - now());
      try {
        await this.#connection.whenReady(left);
      } catch (error) {
        this.#giveUp(error);
        await nextError();
      }
    }
    this.#isConnecting = false;
    this.#flush();
  }

  #giveUp(error: unknown): void {
    const latest = now() + 1;
    const late = this.#waiting.filter(({ deadline }) => deadline <= latest);
    this.#waiting = this.#waiting.filter(({ deadline }) => deadline > latest);
    for (const { reject } of late) reject(storeError(this.#connection.lastError() ?? error));
  }

  #flush(): void {
    while (this.#waiting.length > 0) this.#send(this.#takeSome());
  }

  #takeSome(): Recording[] {
    const latest = (this.#waiting[0]?.deadline ?? 0) + SAME_TIME;
    let length = 0;
    let count = 0;
    for (const recording of this.#waiting) {
      if (count === MAX_ENTRIES || (count > 0 && length >= MAX_LENGTH) || recording.deadline > latest) break;
      length += recording.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #send(batch: Recording[]): void {
    const args: (string | number)[] = [this.#identity];
    for (const recording of batch) args.push(...recording.args);
    const { lastError } = this.#connection;
    const timeout = Math.max(0, (batch[0]?.deadline ?? 0) - now()) + SAME_TIME;
    wrapStoreErrors(this.#connection.runDurably('record', args, this.#timeout), { timeout, lastError }).then(
      (reply) => {
        const isNew = reply as number[];
        for (const [index, { resolve }] of batch.entries()) resolve(isNew[index] === 1);
      },
      (error: Error) => {
        if (error.cause instanceof BrokenConnection) this.#repeat(batch, error);
        else for (const { reject } of batch) reject(error);
      },
    );
  }

  /** Sends again, on another connection, what has time left. */
  #repeat(batch: Recording[], error: unknown): void {
    this.#waiting.unshift(...batch);
    this.#giveUp(error);
    void nextError().then(() => this.#schedule());
  }
}

/** Keeps a connection that fails at once from being waited for in a tight loop. */
const nextError = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 20));
