'use strict';

// The key cannot be got out of a client or an error by showing, serializing or walking it.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { channel } = require('node:diagnostics_channel');
const { format, inspect } = require('node:util');
const v8 = require('node:v8');
const { closedPort } = require('../support/fault-server.js');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { API_KEY } = require('../support/refport-client.js');

/**
 * Ways to make text of a value; some of them refuse, and say why.
 *
 * @type {Record<string, (value: any) => string>}
 */
const displays = {
  inspect: (value) =>
    inspect(value, { depth: null, showHidden: true, getters: true, showProxy: true, maxStringLength: null }),
  'console.log': (value) => format('%s %o %O %j', value, value, value, value),
  'JSON.stringify': (value) => JSON.stringify(value),
  String: (value) => `${value} ${String(value.stack)}`,
  structuredClone: (value) => inspect(structuredClone(value), { depth: null }),
  'v8.serialize': (value) => v8.serialize(value).toString('latin1'),
};

/**
 * @param {(value: any) => string} display
 * @param {unknown} value
 */
const shown = (display, value) => {
  try {
    return display(value);
  } catch (error) {
    return inspect(error, { depth: null, showHidden: true });
  }
};

/** Every text that can be reached from a value by properties, symbols, getters, prototypes and closures' sources. */
function* textsIn(/** @type {unknown} */ root) {
  const seen = new Set();
  const queue = [root];
  while (queue.length > 0) {
    const value = queue.pop();
    if (typeof value === 'string') yield value;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
    seen.add(value);
    if (typeof value === 'function') yield Function.prototype.toString.call(value);
    for (const key of Reflect.ownKeys(value)) {
      yield String(key);
      const { value: own, get } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
      queue.push(own, get);
    }
    queue.push(Object.getPrototypeOf(value));
  }
}

function assertKeyless(/** @type {any} */ value) {
  for (const [name, display] of Object.entries(displays)) {
    assert.ok(!shown(display, value).includes(API_KEY), `${name} shows the key`);
  }
  for (const text of textsIn(value))
    assert.ok(!text.includes(API_KEY), `the key can be reached: ${text.slice(0, 200)}`);
}

/** Answers and parameters that make each kind of error. */
const failures = {
  400: { status: 400 },
  401: { status: 401, body: '{"error":{"message":"Invalid API key"}}' },
  404: { status: 404 },
  429: { status: 429 },
  500: { status: 500 },
  INVALID_RESPONSE: { body: '<html>' },
  'a redirect': { status: 301, headers: { Location: 'https://elsewhere.test/' } },
  'nobody there': 'nobody',
};

describe('the API key', () => {
  /** @type {any} */
  let answer;
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(() => answer);
  });
  after(() => server.close());

  it('is found where it can be', () => {
    assert.throws(() => assertKeyless({ deep: [{ config: { apiKey: API_KEY } }] }));
    assert.throws(() =>
      assertKeyless(Object.assign(() => {}, { hidden: Object.defineProperty({}, 'a', { value: API_KEY }) })),
    );
    assert.throws(() => assertKeyless(new Error('x', { cause: new Error(API_KEY) })));
  });

  for (const entry of entries) {
    const client = (/** @type {object} */ options = {}) => clientOf(entry, server, { maxRetries: 0, ...options });

    it(`${entry.name}: is not in a client, before and after use`, async () => {
      const refport = client();
      assertKeyless(refport);
      answer = { body: JSON.stringify(endpoints[1].answer) };
      await endpoints[1].call(refport, endpoints[1].params);
      assertKeyless(refport);
      assertKeyless(entry.sdk);
    });

    for (const endpoint of endpoints) {
      for (const [name, failure] of Object.entries(failures)) {
        it(`${entry.name}, ${endpoint.name}: is not in the error for ${name}`, async () => {
          answer = failure;
          const url = failure === 'nobody' ? `http://127.0.0.1:${await closedPort()}` : server.url;
          const { error } = await entry.outcomeOf(endpoint.call(client({ baseUrl: url }), endpoint.params));
          assertKeyless(error);
        });
      }

      it(`${entry.name}, ${endpoint.name}: is not in the error for a timeout, an abort, bad parameters and options`, async () => {
        answer = new Promise(() => {});
        const { params } = endpoint;
        const given = [
          [params, { timeout: 1 }],
          [params, { signal: AbortSignal.abort() }],
          [{}],
          [{ clickId: 1n }],
          [params, { timeout: 'x' }],
          [params, { headers: { Authorization: 'x' } }],
        ];
        for (const [givenParams, options] of given) {
          const { error } = await entry.outcomeOf(endpoint.call(client(), givenParams, options));
          assert.ok(error);
          assertKeyless(error);
        }
      });
    }
  }

  it('is not in what subscribers of refport:request get', async (t) => {
    /** @type {string[]} */
    const seen = [];
    for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) {
      const events = channel(`tracing:refport:request:${event}`);
      const listener = (/** @type {unknown} */ message) => {
        seen.push(event);
        assertKeyless(message);
      };
      events.subscribe(listener);
      t.after(() => events.unsubscribe(listener));
    }
    for (const given of [{ body: JSON.stringify(endpoints[0].answer) }, { status: 401 }]) {
      answer = given;
      await entries[0].outcomeOf(endpoints[0].call(clientOf(entries[0], server), endpoints[0].params));
    }
    assert.deepEqual([...new Set(seen)].sort(), ['asyncEnd', 'asyncStart', 'end', 'error', 'start']);
  });
});
