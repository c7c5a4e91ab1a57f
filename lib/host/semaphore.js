'use strict';

/**
 * A bound on the requests to one origin that are on their way at a time: `fetch` opens a connection for each.
 * @module
 */

class Semaphore {
  #free;
  /** In the order in which they came. @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {number} size */
  constructor(size) {
    this.#free = size;
  }

  /**
   * Waits for a permit, first come, first served; it has to be released.
   * @param {InstanceType<typeof import('../engine/fetch/deadline.js').Deadline>} deadline what ends the wait, with its error
   */
  async acquire(deadline) {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    let admit = () => {};
    const turn = new Promise((resolve) => (admit = () => resolve(undefined)));
    this.#waiting.add(admit);
    try {
      await deadline.race(turn);
    } catch (error) {
      // Its turn may have come in the same moment.
      if (!this.#waiting.delete(admit)) this.release();
      throw error;
    }
  }

  release() {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

/** Clients with the same origin and bound share it. @type {Map<string, WeakRef<Semaphore>>} */
const semaphores = new Map();

/**
 * @param {string} origin
 * @param {number} size
 * @returns {Semaphore | undefined} to be held by whoever wants to share it
 */
function sharedSemaphore(origin, size) {
  const name = `${size} ${origin}`;
  const known = semaphores.get(name)?.deref();
  if (known) return known;
  for (const [other, semaphore] of semaphores) if (semaphore.deref() === undefined) semaphores.delete(other);
  const semaphore = new Semaphore(size);
  semaphores.set(name, new WeakRef(semaphore));
  return semaphore;
}

module.exports = { Semaphore, sharedSemaphore };
