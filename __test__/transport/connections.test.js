'use strict';

// No stampede: how many connections a burst may open is bounded by the protocol, not by the number of calls.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { isFetch, nativeOnly } = require('../support/engine.js');
const { callKinds } = require('../support/call-kinds.js');
const { startCountingServer } = require('../support/counting-server.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');

const PATIENT = { timeout: 60_000 };
/**
 * @param {import('refport').Refport} client
 * @param {number} count
 */
const send = (client, count) =>
  Promise.all(Array.from({ length: count }, (_, index) => callKinds[index % callKinds.length].send(client)));

/**
 * @param {import('node:test').TestContext} t
 * @param {import('../support/counting-server.js').Protocol} protocol
 * @param {Parameters<typeof startCountingServer>[1]} [settings]
 */
const counting = async (t, protocol, settings = {}) => {
  const server = await startCountingServer(protocol, settings);
  t.after(() => server.close());
  const options = { ...PATIENT, ...(server.ca ? { ca: server.ca } : {}) };
  return { server, client: (more = {}) => clientFor(server, { ...options, ...more }) };
};

describe('a cold burst of 1000 calls', () => {
  it('opens at most 8 connections over HTTP/2', { ...HANG, skip: nativeOnly('http2') }, async (t) => {
    const { server, client } = await counting(t, 'h2', { delay: 20 });
    await send(client(), 1000);
    assert.equal(server.seen.requests, 1000);
    assert.ok(server.connections.opened <= 8, `${server.connections.opened} connections`);
  });

  it('opens at most 8 connections to a server that allows few streams on each', {
    ...HANG,
    skip: nativeOnly('http2'),
  }, async (t) => {
    const { server, client } = await counting(t, 'h2', {
      delay: 1,
      options: { settings: { maxConcurrentStreams: 10 } },
    });
    await send(client(), 1000);
    assert.equal(server.seen.requests, 1000);
    assert.ok(server.connections.opened <= 8, `${server.connections.opened} connections`);
  });

  for (const protocol of /** @type {const} */ (['http', 'https'])) {
    it(`opens at most 64 connections over ${protocol} with HTTP/1.1`, HANG, async (t) => {
      const { server, client } = await counting(t, protocol, { delay: 20 });
      await send(client(), 1000);
      assert.equal(server.seen.requests, 1000);
      assert.ok(server.connections.opened <= 64, `${server.connections.opened} connections`);
      assert.ok(server.connections.opened > 8, 'and uses more than a few of them');
    });
  }

  it('waits for its turn within `maxConnections`', HANG, async (t) => {
    const { server, client } = await counting(t, 'http', { delay: 2 });
    await send(client({ maxConnections: 5 }), 1000);
    assert.equal(server.seen.requests, 1000);
    assert.ok(server.connections.opened <= 5, `${server.connections.opened} connections`);
  });

  it('is shared by the clients of one configuration', HANG, async (t) => {
    const { server, client } = await counting(t, 'https', { delay: 5 });
    const clients = Array.from({ length: 10 }, () => client({ maxConnections: 6 }));
    await Promise.all(clients.map((one) => send(one, 100)));
    assert.equal(server.seen.requests, 1000);
    assert.ok(server.connections.opened <= 6, `${server.connections.opened} connections`);
  });

  it('over a second burst, opens nothing new', HANG, async (t) => {
    /** @type {import('../support/counting-server.js').Protocol[]} */
    const protocols = isFetch ? ['http'] : ['http', 'h2'];
    for (const protocol of protocols) {
      const { server, client } = await counting(t, protocol, { delay: 5 });
      const one = client({ maxConnections: 16 });
      await send(one, 500);
      await send(one, 500);
      assert.ok(server.connections.opened <= (protocol === 'h2' ? 8 : 16), `${server.connections.opened} connections`);
    }
  });
});

describe('calls one after the other', { concurrency: true }, () => {
  for (const protocol of /** @type {const} */ (['http', 'https', 'h2'])) {
    it(`share one connection over ${protocol}`, {
      ...HANG,
      skip: protocol === 'h2' && nativeOnly('http2'),
    }, async (t) => {
      const { server, client } = await counting(t, protocol);
      const one = client();
      for (let index = 0; index < 50; index++) await callKinds[index % callKinds.length].send(one);
      assert.equal(server.connections.opened, 1);
    });
  }

  it('share it across clients of one configuration, but not across different ones', {
    ...HANG,
    skip: nativeOnly('sharing'),
  }, async (t) => {
    const { server, client } = await counting(t, 'https');
    for (let index = 0; index < 5; index++) await callKinds[0].send(client());
    assert.equal(server.connections.opened, 1);
    await callKinds[0].send(client({ maxConnections: 3 }));
    assert.equal(server.connections.opened, 2);
  });
});

it('calls beyond the connections are sent in the order they were made', HANG, async (t) => {
  /** @type {number[]} */
  const order = [];
  const { client } = await counting(t, 'http', {
    onRequest: (_request, body) => void order.push(JSON.parse(body).amount),
  });
  const one = client({ maxConnections: 1 });
  await Promise.all(
    Array.from({ length: 300 }, (_, amount) => one.track.sale({ clickId: 'c', customerExternalId: 'u', amount })),
  );
  assert.deepEqual(
    order,
    Array.from({ length: 300 }, (_, amount) => amount),
  );
});

it('an aborted call gives its place in the queue to the next one', HANG, async (t) => {
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(undefined);
  });
  /** @type {number[]} */
  const order = [];
  const { server, client } = await counting(t, 'http', {
    onRequest: async (_request, body) => {
      order.push(JSON.parse(body).amount);
      if (order.length === 1) await held;
    },
  });
  const one = client({ maxConnections: 1 });
  const abort = new AbortController();
  /**
   * @param {number} amount
   * @param {import('refport').RequestOptions} [options]
   */
  const sale = (amount, options) => one.track.sale({ clickId: 'c', customerExternalId: 'u', amount }, options);
  const first = sale(1);
  const dropped = assert.rejects(sale(2, { signal: abort.signal }), { code: 'ABORTED' });
  const last = sale(3);
  abort.abort();
  await dropped;
  release();
  await Promise.all([first, last]);
  assert.deepEqual(order, [1, 3]);
  assert.equal(server.connections.opened, 1);
});
