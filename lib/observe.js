'use strict';

const { tracingChannel } = require('node:diagnostics_channel');
const { debuglog } = require('node:util');

/**
 * Lets others watch calls: the tracing channel `refport:request` and NODE_DEBUG=refport. Neither ever carries the API key,
 * parameters or responses.
 * @module
 */

const channel = tracingChannel('refport:request');
const { start, end, asyncStart, asyncEnd, error: failed } = channel;
const debug = debuglog('refport');

/** Whether anybody watches. Asked on every call, so it must stay cheap. */
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
 * @param {(headers: Record<string, string>) => Promise<{ status: number, attempts: number, data: any }>} send
 * @returns {Promise<any>}
 */
function observe(path, callHeaders, send) {
  /** @type {import('../index.js').RefportRequestMessage} */
  const message = { method: 'POST', path, headers: {}, attempt: 0, status: 0, duration: 0 };
  const startedAt = performance.now();
  const ended = (/** @type {{ status: number, attempts: number }} */ { status, attempts }) => {
    message.attempt = attempts;
    message.status = status;
    message.duration = performance.now() - startedAt;
    debug('%s %s: status %d, attempt %d, %d ms', 'POST', path, status, attempts, Math.round(message.duration));
  };
  // What subscribers put into `headers`, such as a trace context, goes out with the request.
  const promise = start.runStores(message, () => send({ ...message.headers, ...callHeaders }));
  end.publish(message);
  return promise.then(
    (traced) => {
      ended(traced);
      asyncStart.publish(message);
      asyncEnd.publish(message);
      return traced.data;
    },
    (error) => {
      ended(error);
      message.error = error;
      failed.publish(message);
      asyncStart.publish(message);
      asyncEnd.publish(message);
      throw error;
    },
  );
}

module.exports = { isObserved, observe };
