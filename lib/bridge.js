'use strict';

const { RefportAbortError, RefportError, asRefportError, errorFromReport, reasonOf } = require('./errors.js');
const { batch } = require('./batch.js');
const { engine } = require('#engine');

/**
 * This env's side of the bridge to the engine: calls made in one turn of the event loop leave together, and results come
 * back in batches. src/bridge/batch.rs describes the texts, src/bridge/mod.rs the other side.
 * @module
 */

/** Kinds of src/bridge/batch.rs. */
const SUCCESS = 1;

/** Members of a result. */
const FIELDS = 5;

/**
 * A call in flight.
 * @typedef {object} Slot
 * @property {(value: any) => void} resolve
 * @property {(() => void) | undefined} stopListening set if the call has an abort signal
 * @property {AbortSignal | undefined} signal
 * @property {OnResult | undefined} onResult
 * @property {SubmissionQueue} queue the client that it is a call of
 * @property {boolean} isCut whether its client was closed before it ended
 */

/**
 * Told the status (0 without a response) and the number of attempts before the call's promise settles.
 * @typedef {(status: number, attempts: number) => void} OnResult
 */

/** @type {(Slot | undefined)[]} */
const slots = [];
/** @type {number[]} Indices of `slots` that are free. */
const free = [];
/** @type {import('./engine/engine').EngineBridge | undefined} */
let bridge;
/** @type {typeof import('./abort.js').onAbort | undefined} Loaded with the first signal: many hosts never pass one. */
let onAbort;
/** Called after each batch of results while a client is being closed. @type {Set<() => void>} */
const afterResults = new Set();
/** Fake timers replace the global ones. */
const { clearTimeout, setTimeout } = globalThis;

/** The calls of one client. */
class SubmissionQueue {
  /** @type {import('./engine/engine').EngineClient} */
  #client;
  #isClosed = false;
  #batch = batch((text, count) => {
    bridge ??= engine().open(settle);
    bridge.submit(this.#client, text, count);
  }, refuse);

  /** @param {import('./engine/engine').EngineClient} client */
  constructor(client) {
    this.#client = client;
  }

  /** What the engine made of the client's settings. */
  get client() {
    return this.#client;
  }

  /**
   * Adds a call.
   * @param {number} operation
   * @param {string} params JSON text
   * @param {string} options JSON text or empty
   * @param {AbortSignal} [signal]
   * @param {OnResult} [onResult]
   * @returns {Promise<any>}
   */
  add(operation, params, options, signal, onResult) {
    if (this.#isClosed) throw closedError();
    return new Promise((resolve) => {
      const id = free.pop() ?? slots.length;
      slots[id] = { resolve, stopListening: undefined, signal: undefined, onResult, queue: this, isCut: false };
      if (signal) this.#listen(id, signal);
      this.#batch.add(id, `\t${operation}\t${options}\t${params}\n`);
    });
  }

  /**
   * Takes no more calls, and waits for those there are.
   * @param {number} timeout milliseconds after which what is left is aborted
   * @returns {Promise<void>} resolves when every call has ended
   */
  close(timeout) {
    this.#isClosed = true;
    this.#batch.flush();
    if (this.#ids().length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#cut(), timeout);
      const check = () => {
        if (this.#ids().length > 0) return;
        afterResults.delete(check);
        clearTimeout(timer);
        resolve();
      };
      afterResults.add(check);
    });
  }

  /** Of its calls in flight. */
  #ids() {
    return [...slots.keys()].filter((id) => slots[id]?.queue === this);
  }

  #cut() {
    for (const id of this.#ids()) {
      /** @type {Slot} */ (slots[id]).isCut = true;
      bridge?.cancel(id);
    }
  }

  /**
   * @param {number} id
   * @param {AbortSignal} signal
   * @throws {RefportError} if the signal has fired, or cannot be listened to
   */
  #listen(id, signal) {
    const slot = /** @type {Slot} */ (slots[id]);
    const cancel = () => {
      // A signal that keeps its listeners must not end the next call with this id.
      if (slots[id] !== slot) return;
      // The engine can only cancel what it has been given. It answers in any case, and knows what had been sent.
      this.#batch.flush();
      bridge?.cancel(id);
    };
    try {
      // It may have fired while parameters and options were read: getters and toJSON are the caller's.
      if (signal.aborted) throw abortError(signal);
      onAbort ??= require('./abort.js').onAbort;
      slot.stopListening = onAbort(signal, { cancel });
      slot.signal = signal;
    } catch (cause) {
      takeSlot(id);
      throw asRefportError(cause, 'signal cannot be listened to');
    }
  }
}

/**
 * Receives a batch of results.
 * @param {string} text
 */
function settle(text) {
  const results = JSON.parse(text);
  for (let i = 0; i < results.length; i += FIELDS) {
    const slot = takeSlot(results[i]);
    if (slot === undefined) continue;
    const status = results[i + 2];
    const attempts = results[i + 3];
    const payload = results[i + 4];
    slot.onResult?.(status, attempts);
    if (results[i + 1] === SUCCESS) slot.resolve(payload);
    else if (payload.kind === 'aborted') reject(slot, () => abortedError(slot, { ...payload, attempts }));
    else reject(slot, () => errorFromReport({ ...payload, status, attempts }));
  }
  for (const check of afterResults) check();
}

/**
 * Rejects with an error whose stack shows the functions that await the call: V8 finds them from the promise in whose
 * reaction an error is made, if that promise is being waited for by then.
 * @param {Slot} slot
 * @param {() => import('../index.js').RefportError} makeError
 */
function reject(slot, makeError) {
  let start = () => {};
  const started = new Promise((resolve) => (start = () => resolve(undefined)));
  slot.resolve(
    started.then(() => {
      throw makeError();
    }),
  );
  start();
}

/**
 * The call in a slot, which becomes free; undefined if it has been settled.
 * @param {number} id
 */
function takeSlot(id) {
  const slot = slots[id];
  if (slot === undefined) return undefined;
  slots[id] = undefined;
  free.push(id);
  try {
    slot.stopListening?.();
  } catch {
    // What a signal of somebody else's making does must not keep other results of the batch from their callers.
  }
  return slot;
}

/**
 * Rejects a call that could not be handed over.
 * @param {number} id
 * @param {unknown} cause
 */
function refuse(id, cause) {
  const slot = takeSlot(id);
  const message = `The call could not be started: ${reasonOf(cause)}`;
  if (slot) reject(slot, () => new RefportError(message, { code: 'INTERNAL_ERROR', cause }));
}

/**
 * What had been done for a call by the time it was aborted.
 * @typedef {{ attempts?: number, ambiguous?: boolean, retryable?: boolean }} Progress
 */

/**
 * @param {AbortSignal | undefined} signal
 * @param {Progress} [progress]
 */
function abortError(signal, progress) {
  let cause;
  try {
    cause = signal?.reason;
  } catch (thrown) {
    cause = thrown;
  }
  return new RefportAbortError('The call was aborted', { ...progress, cause });
}

/** Nothing was sent: whoever holds the call can make it with another client. */
function closedError() {
  const message = 'The client is closed: it takes no more calls';
  return new RefportError(message, { code: 'CLOSED', retryable: true });
}

/**
 * @param {Slot} slot
 * @param {Progress} progress
 */
function abortedError({ isCut, signal }, progress) {
  return isCut
    ? new RefportAbortError('The client was closed before the call ended', progress)
    : abortError(signal, progress);
}

module.exports = { SubmissionQueue, abortError };
