'use strict';

/**
 * Abort signals of calls in flight. One signal may end any number of calls, and gets one listener for all of them.
 * @module
 */

/**
 * A call that a signal can end.
 * @typedef {{ cancel: () => void }} Cancelable
 */

/**
 * The calls that wait on one signal.
 * @typedef {object} Watch
 * @property {Set<Cancelable>} calls
 * @property {() => void} onAbort
 */

/** @type {WeakMap<AbortSignal, Watch>} */
const watches = new WeakMap();

/**
 * Cancels a call when the signal fires.
 * @param {AbortSignal} signal not aborted yet
 * @param {Cancelable} call
 * @returns {() => void} stops it; the last call to stop takes the listener away
 */
function onAbort(signal, call) {
  let watch = watches.get(signal);
  if (watch === undefined) {
    watch = startWatching(signal);
    watches.set(signal, watch);
  }
  const { calls } = watch;
  calls.add(call);
  return () => {
    calls.delete(call);
    if (calls.size === 0) stopWatching(signal);
  };
}

/**
 * @param {AbortSignal} signal
 * @returns {Watch}
 */
function startWatching(signal) {
  /** @type {Set<Cancelable>} */
  const calls = new Set();
  const onAbort = () => {
    // Cancelling may settle calls, which leave the set.
    for (const call of [...calls]) call.cancel();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return { calls, onAbort };
}

/** @param {AbortSignal} signal */
function stopWatching(signal) {
  const watch = watches.get(signal);
  if (watch === undefined) return;
  watches.delete(signal);
  signal.removeEventListener('abort', watch.onAbort);
}

module.exports = { onAbort };
