'use strict';

// A server that announces for how long it keeps idle connections (`Keep-Alive: timeout=2`) is believed, so that no request
// meets a connection that is just being closed.

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');
const { it } = require('node:test');
const { answerTo } = require('../support/call-kinds.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');

const lead = { clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' };

/**
 * The connections on which two calls arrive, the second one `pause` ms after the answer to the first.
 * @param {import('node:test').TestContext} t
 * @param {string | undefined} keepAlive
 * @param {number} pause
 */
async function connectionsOfTwoCalls(t, keepAlive, pause) {
  const sockets = new Set();
  const server = http.createServer((req, res) => {
    sockets.add(req.socket);
    req.resume().on('end', () => {
      if (keepAlive) res.setHeader('keep-alive', keepAlive);
      res.setHeader('connection', 'keep-alive');
      res.end(answerTo('/api/track/lead'));
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const client = clientFor({ url: `http://127.0.0.1:${port}` });
  await client.track.lead(lead);
  await delay(pause);
  await client.track.lead(lead);
  return sockets.size;
}

it('a connection is not used in the last second of its announced life', HANG, async (t) => {
  assert.equal(await connectionsOfTwoCalls(t, 'timeout=2', 1_100), 2);
});

it('a connection that is kept for a second only is not used again', HANG, async (t) => {
  assert.equal(await connectionsOfTwoCalls(t, 'timeout=1, max=100', 0), 2);
});

it('a connection with time left is', HANG, async (t) => {
  assert.equal(await connectionsOfTwoCalls(t, 'timeout=3, max=100', 1_100), 1);
});
