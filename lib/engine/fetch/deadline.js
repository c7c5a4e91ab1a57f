'use strict';

/**
 * The end of an attempt that does not end by itself: its time is up, or its call is cancelled.
 * @module
 */

/** What a deadline rejects with. */
const Stop = /** @type {const} */ ({ timeout: 'timeout', cancelled: 'cancelled' });

class Deadline {
  #controller = new AbortController();
  #timer;
  /** @type {Promise<never>} */
  #stopped;
  /** @type {(why: string) => void} */
  stop = () => {};

  /** @param {number} timeout in ms */
  constructor(timeout) {
    this.#stopped = new Promise((_, reject) => {
      this.stop = (why) => {
        reject(why);
        this.#controller.abort();
      };
    });
    this.#stopped.catch(() => {});
    this.#timer = setTimeout(() => this.stop(Stop.timeout), timeout);
  }

  /** For `fetch`, which ends its own work by it. */
  get signal() {
    return this.#controller.signal;
  }

  /**
   * Whatever comes first: not every runtime ends what it is told to end.
   * @template T
   * @param {Promise<T>} promise
   * @returns {Promise<T>}
   * @throws one of `Stop`
   */
  race(promise) {
    return Promise.race([promise, this.#stopped]);
  }

  /** Frees the timer. */
  close() {
    clearTimeout(this.#timer);
  }
}

module.exports = { Deadline, Stop };
