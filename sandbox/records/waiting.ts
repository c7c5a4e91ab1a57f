import type { SandboxEvent, WaitOptions } from '../../types/testing.js';
import * as check from '../check.ts';
import { SandboxError } from '../errors.ts';
import { LONGEST_TIMER } from '../options.ts';
import type { Events } from './events.ts';

type Item = 'request' | 'lead' | 'sale' | 'token';

/** The promises of {@link Sandbox.waitForRequest} and its relatives. */
export class Waiting {
  #rejecters = new Set<(error: SandboxError) => void>();
  #closed: SandboxError | undefined;
  #events: Events;

  constructor(events: Events) {
    this.#events = events;
  }

  /**
   * Resolves with the first item that fits.
   *
   * @param seen - what has arrived already
   * @param itemOf - reads the item from an event; `undefined` if the event is of another type
   */
  async wait<T>(
    what: Item,
    seen: readonly T[],
    itemOf: (event: SandboxEvent) => T | undefined,
    predicate: (item: T) => boolean = () => true,
    options?: WaitOptions,
  ): Promise<T> {
    const method = `waitFor${what[0]?.toUpperCase()}${what.slice(1)}`;
    if (typeof predicate !== 'function') throw check.misuse(`The predicate of ${method}`, 'a function', predicate);
    const { timeout = 5000 } = check.checkObject(`The second argument of ${method}`, options, ['timeout']);
    const limit = check.checkNumber('timeout', timeout, 0, LONGEST_TIMER);
    const found = seen.find((item) => predicate(item));
    if (found !== undefined) return found;
    if (this.#closed) throw this.#closed;
    return await new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        unsubscribe();
        this.#rejecters.delete(fail);
      };
      const fail = (error: unknown) => {
        stop();
        reject(error);
      };
      const unsubscribe = this.#events.subscribe((event) => {
        const item = itemOf(event);
        if (item === undefined) return;
        try {
          if (!predicate(item)) return;
          stop();
          resolve(item);
        } catch (error) {
          fail(error);
        }
      });
      const timer = setTimeout(() => {
        const others = seen.length === 0 ? 'none came at all' : `${seen.length} came, none of which fits`;
        fail(new SandboxError('TIMEOUT', `No ${what} that fits within ${limit} ms: ${others}`));
      }, limit);
      this.#rejecters.add(fail);
    });
  }

  /** Rejects the pending promises. */
  reset(): void {
    this.#rejectAll(new SandboxError('RESET', 'The sandbox was reset while this was waiting'));
  }

  /** Rejects the pending promises and later ones. */
  close(): void {
    this.#closed = new SandboxError('CLOSED', 'The sandbox is closed');
    this.#rejectAll(this.#closed);
  }

  #rejectAll(error: SandboxError): void {
    for (const reject of [...this.#rejecters]) reject(error);
  }
}
