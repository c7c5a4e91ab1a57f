'use strict';

// A call is what its parameters were when it was made, and calls leave in the order in which they were made.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { setImmediate: nextImmediate } = require('node:timers/promises');
const { endpoints } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { clientFor } = require('../support/refport-client.js');

const [lead, sale, token] = endpoints;

const nextTick = () => new Promise((resolve) => process.nextTick(resolve));

/** Moments at which a call can be made, and how to get there. */
const moments = {
  'in one turn': () => undefined,
  'in a chain of microtasks': () => Promise.resolve(),
  'in process.nextTick': nextTick,
  'in setImmediate': () => nextImmediate(),
  'in all of them': (/** @type {number} */ i) => [undefined, Promise.resolve(), nextTick(), nextImmediate()][i % 4],
};

describe('parameters', () => {
  for (const endpoint of endpoints) {
    it(`${endpoint.name}: can be changed and used again at once`, async (t) => {
      const server = await startRecordingServer();
      t.after(() => server.close());
      const client = clientFor(server, { maxConnections: 1 });
      const params = { ...endpoint.params, metadata: { n: '' } };
      const headers = { 'X-N': '' };
      const expected = [];
      const calls = [];
      for (let n = 0; n < 20; n++) {
        params.metadata.n = `${n}`;
        headers['X-N'] = `${n}`;
        expected.push([JSON.stringify(params), undefined], [JSON.stringify(params), `${n}`]);
        calls.push(endpoint.call(client, params), endpoint.call(client, params, { headers }));
      }
      for (const name of Object.keys(params)) delete params[name];
      await Promise.all(calls);
      assert.deepEqual(
        server.requests.map(({ body, headers: sent }) => [body.toString(), sent['x-n']]),
        expected,
      );
    });
  }
});

describe('calls of one client', () => {
  for (const [moment, arrive] of Object.entries(moments)) {
    it(`made ${moment} leave in order`, async (t) => {
      const server = await startRecordingServer();
      t.after(() => server.close());
      const client = clientFor(server, { maxConnections: 1 });
      const calls = [];
      for (let n = 0; n < 60; n++) {
        const wait = arrive(n);
        if (wait) await wait;
        const endpoint = endpoints[n % 3];
        calls.push(endpoint.call(client, { ...endpoint.params, n }));
      }
      await Promise.all(calls);
      assert.deepEqual(
        server.requests.map(({ body }) => JSON.parse(body.toString()).n),
        calls.map((_, n) => n),
      );
    });
  }

  it('made by what the results of others resolve are answered too', async (t) => {
    const server = await startRecordingServer();
    t.after(() => server.close());
    const client = clientFor(server);
    const journey = async () => {
      await lead.call(client, lead.params);
      await sale.call(client, sale.params);
      return token.call(client, token.params);
    };
    const tokens = await Promise.all(Array.from({ length: 50 }, journey));
    assert.ok(tokens.every(({ publicToken }) => publicToken === token.answer.publicToken));
    assert.equal(server.requests.length, 150);
  });

  it('made while reading the parameters of another are answered too', async (t) => {
    const server = await startRecordingServer();
    t.after(() => server.close());
    const client = clientFor(server);
    let inner;
    const outer = lead.call(client, {
      ...lead.params,
      metadata: {
        toJSON() {
          inner = sale.call(client, sale.params);
          return 'outer';
        },
      },
    });
    assert.deepEqual(await outer, lead.answer);
    assert.deepEqual(await inner, sale.answer);
    assert.deepEqual(server.requests.map(({ path }) => path).sort(), [lead.path, sale.path]);
  });
});
