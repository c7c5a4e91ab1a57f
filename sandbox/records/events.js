'use strict';

/** @typedef {import('../../types/testing.js').SandboxEvent} SandboxEvent */

/** Tells subscribers what happens in the sandbox. */
class Events {
  /** @type {Set<(event: SandboxEvent) => void>} */
  #listeners = new Set();

  /**
   * @param {(event: SandboxEvent) => void} listener
   * @returns {() => void}
   */
  subscribe(listener) {
    // Wrapped so that one function subscribed twice is two subscriptions, each ended by its own return value.
    /** @param {SandboxEvent} event */
    const entry = (event) => listener(event);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** @param {SandboxEvent} event */
  emit(event) {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        // A listener's mistake is the process's to report; the request under way goes on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

exports.Events = Events;
