'use strict';

/**
 * A bound on the requests to one origin that are on their way at a time: `fetch` opens a connection for each.
 * @module
 */

class Gate {
  #free;
  /** In the order in which they came. @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {number} size */
  constructor(size) {
    this.#free = size;
  }

  /**
   * Waits for its turn, first come, first served. Whoever was let in has to leave.
   * @param {InstanceType<typeof import('../engine/fetch/deadline.js').Deadline>} deadline what ends the wait, with its error
   */
  async enter(deadline) {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    let letIn = () => {};
    const turn = new Promise((resolve) => (letIn = () => resolve(undefined)));
    this.#waiting.add(letIn);
    try {
      await deadline.race(turn);
    } catch (error) {
      // Its turn may have come in the same moment.
      if (!this.#waiting.delete(letIn)) this.leave();
      throw error;
    }
  }

  leave() {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

/** Clients with the same origin and bound share it. @type {Map<string, WeakRef<Gate>>} */
const gates = new Map();

/**
 * @param {string} origin
 * @param {number} size
 * @returns {Gate | undefined} to be held by whoever wants to share it
 */
function sharedGate(origin, size) {
  const name = `${size} ${origin}`;
  const known = gates.get(name)?.deref();
  if (known) return known;
  for (const [other, gate] of gates) if (gate.deref() === undefined) gates.delete(other);
  const gate = new Gate(size);
  gates.set(name, new WeakRef(gate));
  return gate;
}

module.exports = { Gate, sharedGate };
