'use strict';

// `attempts` counts how often a call was tried: 1, and 1 for each retry.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { respond, stall } = require('../support/fault-behaviours.js');
const { closedPort, startFaultServer } = require('../support/fault-server.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');

/**
 * @param {import('refport').Refport} client
 * @param {import('refport').RequestOptions} [options]
 */
const token = (client, options) => rejectionOf(client.embedTokens.create({ tenantId: 't' }, options));

it('every refused connection is one', HANG, async () => {
  const client = clientFor({ url: `http://127.0.0.1:${await closedPort()}` });
  assert.equal((await token(client, { maxRetries: 2 })).attempts, 3);
});

it('a wait for a connection that does not become free is one', HANG, async (t) => {
  const server = await startFaultServer([], { otherwise: stall() });
  t.after(() => server.close());
  const client = clientFor(server, { maxConnections: 1, maxRetries: 0 });
  const controller = new AbortController();
  const busy = token(client, { timeout: 30_000, signal: controller.signal });
  await server.seen(1);
  const queued = await token(client, { timeout: 100 });
  assert.deepEqual([queued.code, queued.attempts, server.requests.length], ['TIMEOUT', 1, 1]);
  controller.abort();
  await busy;
});

it('a redirect is none of its own', HANG, async (t) => {
  const server = await startFaultServer([], { otherwise: respond(307, '', { Location: '/again' }) });
  t.after(() => server.close());
  const error = await token(clientFor(server));
  assert.deepEqual([error.status, error.attempts, server.requests.length], [307, 1, 6]);
});

it('input that is refused is not tried', async () => {
  const client = clientFor({ url: 'http://127.0.0.1:1' });
  assert.equal((await rejectionOf(client.track.lead(/** @type {any} */ ({})))).attempts, 0);
});
