'use strict';

const { tracingChannel } = require('node:diagnostics_channel');
const { debuglog } = require('node:util');

/**
 * Reports calls to subscribers: the tracing channel `refport:request` and NODE_DEBUG=refport. Neither ever carries the API key,
 * parameters or responses.
 * @module
 */

const channel = tracingChannel('refport:request');
const { start, end, asyncStart, asyncEnd, error: failed } = channel;
const debug = debuglog('refport');
/** Fake timers replace performance.now. */
const now = performance.now.bind(performance);

/** Whether there is a subscriber. Checked on every call, so it must stay fast. */
function isObserved() {
  return (
    start.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    failed.hasSubscribers ||
    asyncStart.hasSubscribers ||
    end.hasSubscribers ||
    debug.enabled
  );
}

/**
 * @param {string} path
 * @param {Record<string, string> | undefined} callHeaders
 * @param {(headers: Record<string, string>, onResult: import('./bridge.js').OnResult) => Promise<any>} send
 * @returns {Promise<any>}
 */
function observe(path, callHeaders, send) {
  /** @type {import('../index.js').RefportRequestMessage} */
  const message = { method: 'POST', path, headers: {}, attempt: 0, status: 0, duration: 0 };
  const startedAt = now();
  const onResult = (/** @type {number} */ status, /** @type {number} */ attempts) => {
    message.attempt = attempts;
    // Input that is refused before sending has a status too, but there was no response.
    message.status = attempts === 0 ? 0 : status;
  };
  const ended = () => {
    message.duration = now() - startedAt;
    const { attempt, duration, status } = message;
    debug('%s %s: status %d, attempt %d, %d ms', 'POST', path, status, attempt, Math.round(duration));
  };
  // What subscribers put into `headers`, such as a trace context, goes out with the request.
  const promise = start.runStores(message, () => send(mergeHeaders(message.headers, callHeaders), onResult));
  end.publish(message);
  return promise.then(
    (data) => {
      ended();
      asyncStart.publish(message);
      asyncEnd.publish(message);
      return data;
    },
    (error) => {
      ended();
      message.error = withoutAnswer(error);
      failed.publish(message);
      asyncStart.publish(message);
      asyncEnd.publish(message);
      throw error;
    },
  );
}

/**
 * The call's own headers win, in whatever case they are written. Subscribers are not always typed, and a call must not
 * fail over a number.
 * @param {Record<string, unknown>} injected
 * @param {Record<string, string>} [own]
 * @returns {Record<string, string>}
 */
function mergeHeaders(injected, own = {}) {
  /** @type {Record<string, string>} */
  const headers = {};
  for (const [name, value] of [...Object.entries(injected), ...Object.entries(own)]) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  return headers;
}

/**
 * The API may repeat what it was sent, in its message too.
 * @param {import('../index.js').RefportError} error
 * @returns {import('../index.js').RefportError}
 */
function withoutAnswer(error) {
  const { status, code, attempts, retryAfter, requestId, headers, body } = error;
  if (headers === undefined && body === undefined) return error;
  const ErrorClass = /** @type {typeof import('../index.js').RefportError} */ (error.constructor);
  return new ErrorClass(`${code} (HTTP ${status})`, { status, code, attempts, retryAfter, requestId });
}

module.exports = { isObserved, observe };
