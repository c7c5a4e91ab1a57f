'use strict';

const check = require('../check.js');
const { SandboxError } = require('../errors.js');
const { LONGEST_TIMER } = require('../options.js');

/** Promises for events that have not happened yet. */
class Waiting {
  /** @type {Set<(error: SandboxError) => void>} */
  #pending = new Set();
  /** @type {SandboxError | undefined} */
  #ended;
  #events;

  /** @param {import('./events.js').Events} events */
  constructor(events) {
    this.#events = events;
  }

  /**
   * @template T
   * @param {'request' | 'lead' | 'sale' | 'token'} what
   * @param {readonly T[]} seen
   * @param {((item: T) => boolean) | undefined} predicate
   * @param {import('../../types/testing.js').WaitOptions | undefined} options
   * @returns {Promise<T>}
   */
  async wait(what, seen, predicate = () => true, options) {
    const method = `waitFor${what[0]?.toUpperCase()}${what.slice(1)}`;
    if (typeof predicate !== 'function') throw check.misuse(`The predicate of ${method}`, 'a function', predicate);
    const { timeout = 5000 } = check.checkObject(`The second argument of ${method}`, options, ['timeout']);
    const limit = check.checkNumber('timeout', timeout, 0, LONGEST_TIMER);
    const found = seen.find((item) => predicate(item));
    if (found !== undefined) return found;
    if (this.#ended) throw this.#ended;
    return await this.#waitForNext(what, seen, predicate, limit);
  }

  /**
   * @template T
   * @param {'request' | 'lead' | 'sale' | 'token'} what
   * @param {readonly T[]} seen
   * @param {(item: T) => boolean} predicate
   * @param {number} limit
   * @returns {Promise<T>}
   */
  #waitForNext(what, seen, predicate, limit) {
    return new Promise((resolve, reject) => {
      /** @param {unknown} error */
      const fail = (error) => {
        stop();
        reject(error);
      };
      const unsubscribe = this.#events.subscribe((event) => {
        if (event.type !== what) return;
        const item = /** @type {T} */ (/** @type {Record<string, unknown>} */ (event)[what]);
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
      const stop = () => {
        clearTimeout(timer);
        unsubscribe();
        this.#pending.delete(fail);
      };
      this.#pending.add(fail);
    });
  }

  /** Ends the waits of a test that is over. */
  reset() {
    this.#rejectAll(new SandboxError('RESET', 'The sandbox was reset while this was waiting'));
  }

  /** Ends all waits, later ones too. */
  close() {
    this.#ended = new SandboxError('CLOSED', 'The sandbox is closed');
    this.#rejectAll(this.#ended);
  }

  /** @param {SandboxError} error */
  #rejectAll(error) {
    for (const reject of [...this.#pending]) reject(error);
  }
}

exports.Waiting = Waiting;
