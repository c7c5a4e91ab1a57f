'use strict';

// Results of many calls come home together; each call gets its own, whatever the others got.

const assert = require('node:assert/strict');
const { EventEmitter, once } = require('node:events');
const { describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

const CALLS = 400;

/**
 * @typedef {import('../support/endpoints.js').Endpoint} Endpoint
 * @typedef {import('../support/endpoints.js').Outcome} Outcome
 * @typedef {import('../support/recording-server.js').Answer} Answer
 */

/**
 * What becomes of call `id`, and what its caller must get for it.
 *
 * @type {{ answer: (id: number, endpoint: Endpoint) => Answer, verify: (outcome: Outcome, id: number) => void }[]}
 */
const answers = [
  {
    answer: (id, endpoint) => ({ body: JSON.stringify({ ...endpoint.answer, id }) }),
    verify: ({ data }, id) => assert.equal(data.id, id),
  },
  {
    answer: (id) => ({ body: `{"id":${id},"click":` }),
    verify: ({ error }, id) => assert.deepEqual([error.code, error.body], ['INVALID_RESPONSE', `{"id":${id},"click":`]),
  },
  {
    answer: (id) => ({ body: `],[${id},1,{}` }),
    verify: ({ error }, id) => assert.deepEqual([error.code, error.body], ['INVALID_RESPONSE', `],[${id},1,{}`]),
  },
  {
    answer: (id) => ({ status: 400, body: JSON.stringify({ error: { code: `CODE_${id}`, message: `no ${id}` } }) }),
    verify: ({ error }, id) => assert.deepEqual([error.code, error.message], [`CODE_${id}`, `no ${id}`]),
  },
  {
    answer: (id) => ({ status: 401, body: '<html>', headers: { 'X-Request-Id': `req_${id}` } }),
    verify: ({ error }, id) => assert.deepEqual([error.name, error.requestId], ['RefportAuthError', `req_${id}`]),
  },
];

/** A server that holds its answers back until all are due, to give them in an order of the test's choosing. */
async function startHoldingServer() {
  /** @type {Map<number, () => void>} */
  const held = new Map();
  const events = new EventEmitter();
  const server = await startRecordingServer(async ({ headers, path }) => {
    const id = Number(headers['x-call']);
    await new Promise((resolve) => {
      held.set(id, () => resolve(undefined));
      if (held.size === CALLS) events.emit('full');
    });
    return answers[id % answers.length].answer(
      id,
      /** @type {Endpoint} */ (endpoints.find((endpoint) => endpoint.path === path)),
    );
  });
  return { server, held, full: once(events, 'full') };
}

/** @type {Record<string, (place: number) => number>} */
const orders = {
  'in order': (place) => place,
  backwards: (place) => CALLS - 1 - place,
  // 7 and the number of calls have no common divisor.
  'out of order': (place) => (place * 7) % CALLS,
};

describe(`${CALLS} calls at once`, () => {
  for (const entry of entries) {
    for (const [name, order] of Object.entries(orders)) {
      it(`${entry.name}: answered ${name}, each gets its own answer`, async (t) => {
        const { server, held, full } = await startHoldingServer();
        t.after(() => server.close());
        const client = clientOf(entry, server, { maxConnections: CALLS, maxRetries: 0, timeout: 120_000 });
        const calls = Array.from({ length: CALLS }, (_, id) => {
          const endpoint = endpoints[id % endpoints.length];
          const call = endpoint.call(client, endpoint.params, { headers: { 'X-Call': String(id) } });
          return entry.outcomeOf(call).then((outcome) => answers[id % answers.length].verify(outcome, id));
        });
        await full;
        for (let place = 0; place < CALLS; place++) held.get(order(place))?.();
        await Promise.all(calls);
      });
    }
  }
});
