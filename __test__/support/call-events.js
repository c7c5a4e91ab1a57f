'use strict';

const { tracingChannel } = require('node:diagnostics_channel');

/**
 * Subscribes to what calls publish, until the test is over.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, (message: any) => void>} [handlers] by event, called before the event is noted
 * @returns {Array<{ event: string, message: any, now: any }>} events in order; `now` is a copy of the message as it was
 */
function callEvents(t, handlers = {}) {
  const channel = tracingChannel('refport:request');
  /** @type {ReturnType<typeof callEvents>} */
  const seen = [];
  const subscribers = Object.fromEntries(
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => [
      event,
      (/** @type {any} */ message) => {
        handlers[event]?.(message);
        seen.push({ event, message, now: { ...message, headers: { ...message.headers } } });
      },
    ]),
  );
  channel.subscribe(/** @type {any} */ (subscribers));
  t.after(() => channel.unsubscribe(/** @type {any} */ (subscribers)));
  return seen;
}

module.exports = { callEvents };
