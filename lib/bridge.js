'use strict';

const {
  RefportAbortError,
  RefportError,
  RefportValidationError,
  asRefportError,
  errorFromReport,
  reasonOf,
} = require('./errors.js');
const { native } = require('./native.js');

/**
 * This env's side of the bridge to the native I/O thread: calls made in one turn of the event loop leave together, and
 * results come back in batches. src/bridge/batch.rs describes the texts, src/bridge/mod.rs the other side.
 * @module
 */

/** Digits of src/api/operation.rs. */
const Operation = /** @type {const} */ ({ lead: 0, sale: 1, embedToken: 2 });

/** Kinds of src/bridge/batch.rs. */
const SUCCESS = 1;

/**
 * A call in flight.
 * @typedef {object} Slot
 * @property {(value: any) => void} resolve
 * @property {(error: import('../index.js').RefportError) => void} reject
 * @property {(() => void) | undefined} stopListening set if the call has an abort signal
 * @property {AbortSignal | undefined} signal
 */

/** @type {(Slot | undefined)[]} */
const slots = [];
/** @type {number[]} Indices of `slots` that are free. */
const free = [];
/** @type {import('./native.js').NativeBridge | undefined} */
let bridge;
/** @type {typeof import('./abort.js').onAbort | undefined} Loaded with the first signal: many hosts never pass one. */
let onAbort;

/** The calls of one client that have not left yet. */
class Queue {
  /** @type {import('./native.js').NativeClient} */
  #client;
  #text = '';
  #count = 0;

  /** @param {import('./native.js').NativeClient} client */
  constructor(client) {
    this.#client = client;
  }

  /**
   * Adds a call.
   * @param {number} operation
   * @param {string} params JSON text
   * @param {string} options JSON text or empty
   * @param {AbortSignal} [signal] not aborted yet
   * @returns {Promise<any>}
   */
  add(operation, params, options, signal) {
    return new Promise((resolve, reject) => {
      const id = free.pop() ?? slots.length;
      slots[id] = { resolve, reject, stopListening: undefined, signal: undefined };
      if (signal && !this.#listen(id, signal)) return;
      this.#text += `${id}\t${operation}\t${options}\t${params}\n`;
      // After all microtasks: calls made by what this turn's results resolved are part of the batch.
      if (this.#count++ === 0) process.nextTick(flush, this);
    });
  }

  flush() {
    const text = this.#text;
    const count = this.#count;
    if (count === 0) return;
    this.#text = '';
    this.#count = 0;
    try {
      bridge ??= new (native().NativeBridge)(settle);
      bridge.submit(this.#client, text, count);
    } catch (cause) {
      refuse(text, cause);
    }
  }

  /**
   * @param {number} id
   * @param {AbortSignal} signal
   * @returns {boolean} false if the signal would not have it, and the call is rejected
   */
  #listen(id, signal) {
    const slot = /** @type {Slot} */ (slots[id]);
    const cancel = () => {
      // A signal that keeps its listeners must not end the next call with this id.
      if (slots[id] !== slot) return;
      // The native side can only cancel what it has been given. It answers in any case, and knows what had been sent.
      this.flush();
      bridge?.cancel(id);
    };
    try {
      onAbort ??= require('./abort.js').onAbort;
      slot.stopListening = onAbort(signal, { cancel });
      slot.signal = signal;
      return true;
    } catch (cause) {
      takeSlot(id);
      slot.reject(asRefportError(cause, 'signal cannot be listened to'));
      return false;
    }
  }
}

/** @param {Queue} queue */
function flush(queue) {
  queue.flush();
}

/**
 * Receives a batch of results.
 * @param {string} text
 */
function settle(text) {
  const results = JSON.parse(text);
  for (let i = 0; i < results.length; i += 3) {
    const slot = takeSlot(results[i]);
    if (slot === undefined) continue;
    const payload = results[i + 2];
    if (results[i + 1] === SUCCESS) slot.resolve(payload);
    else if (payload.kind === 'aborted') slot.reject(abortError(slot.signal, payload.attempts));
    else slot.reject(errorFromReport(payload));
  }
}

/** @param {number} id */
function takeSlot(id) {
  const slot = slots[id];
  slots[id] = undefined;
  free.push(id);
  try {
    slot?.stopListening?.();
  } catch {
    // What a signal of somebody else's making does must not keep other results of the batch from their callers.
  }
  return slot;
}

/**
 * Rejects the calls of a batch that could not be handed over.
 * @param {string} text
 * @param {unknown} cause
 */
function refuse(text, cause) {
  for (const line of text.split('\n').slice(0, -1)) {
    const error = new RefportError(`The call could not be started: ${reasonOf(cause)}`, {
      code: 'INTERNAL_ERROR',
      cause,
    });
    takeSlot(Number.parseInt(line, 10))?.reject(error);
  }
}

/**
 * @param {AbortSignal | undefined} signal
 * @param {number} [attempts] that had begun
 */
function abortError(signal, attempts = 0) {
  let cause;
  try {
    cause = signal?.reason;
  } catch (thrown) {
    cause = thrown;
  }
  return new RefportAbortError('The call was aborted', { cause, attempts });
}

/**
 * Parameters as JSON text.
 * @param {unknown} params
 * @returns {string}
 */
function serialize(params) {
  if (typeof params !== 'object' || params === null) {
    throw new RefportValidationError(
      `params must be an object, not ${params === null ? 'null' : `of type ${typeof params}`}`,
    );
  }
  try {
    // undefined (from a toJSON method) is not JSON; the native side says what is wrong with null.
    return JSON.stringify(params) ?? 'null';
  } catch (cause) {
    throw asRefportError(cause, `${unserializableField(params) ?? 'params'} cannot be sent as JSON`);
  }
}

/**
 * The field that cannot be sent, if it can be told.
 * @param {object} params
 */
function unserializableField(params) {
  try {
    return Object.keys(params).find((name) => !isSerializable(() => /** @type {any} */ (params)[name]));
  } catch {
    return undefined;
  }
}

/** @param {() => unknown} read */
function isSerializable(read) {
  try {
    JSON.stringify(read());
    return true;
  } catch {
    return false;
  }
}

module.exports = { Operation, Queue, abortError, serialize };
