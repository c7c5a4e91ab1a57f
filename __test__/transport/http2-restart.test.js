'use strict';

// A rolling restart: the server says GOAWAY to its connection, the client opens another one, and only then does the old one
// break. That end is the old connection's alone: as many calls go out at once as before.

const assert = require('node:assert/strict');
const http2 = require('node:http2');
const { once } = require('node:events');
const { it } = require('node:test');
const { answerTo, lead } = require('../support/call-kinds.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const CALLS = 100;

/**
 * A server whose answers wait until they are let go.
 *
 * @param {import('node:test').TestContext} t
 */
async function startServer(t) {
  const authority = await trustedAuthority();
  const server = http2.createSecureServer(await authority.usual());
  /** @type {import('node:http2').ServerHttp2Session[]} */
  const sessions = [];
  const held = new Set();
  server.on('sessionError', () => {});
  server.on('session', (session) => void sessions.push(session));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.resume().on('end', () => {
      held.add(stream);
      server.emit('held');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return {
    url: `https://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`,
    ca: authority.ca,
    sessions,
    async holds(/** @type {number} */ count) {
      while (held.size < count) await once(server, 'held');
    },
    answerAll() {
      for (const stream of held) {
        if (stream.destroyed) continue;
        stream.respond({ ':status': 200 });
        stream.end(answerTo('/api/track/lead'));
      }
      held.clear();
    },
  };
}

it('the end of the old connection does not touch the new one', HANG, async (t) => {
  const server = await startServer(t);
  // One connection, so that the new one takes the place of the old one.
  const client = clientFor(server, { ca: server.ca, maxRetries: 0, maxConnections: 1 });
  const calls = (/** @type {number} */ count) => Array.from({ length: count }, () => client.track.lead(lead));

  const [onOld] = calls(1);
  await server.holds(1);
  // GOAWAY: no new streams, but the one that is open may end.
  server.sessions[0].close();
  const [onNew] = calls(1);
  await server.holds(2);
  assert.equal(server.sessions.length, 2);
  server.sessions[0].destroy();
  await assert.rejects(onOld, { code: 'CONNECTION_ERROR', ambiguous: true });
  const [another] = calls(1);
  await server.holds(3);
  assert.equal(server.sessions.length, 2, 'the call after the end of the old connection opened another one');
  server.answerAll();
  await Promise.all([onNew, another]);

  const burst = calls(CALLS);
  // Resolves only if all of them are on the wire at once.
  await server.holds(CALLS);
  server.answerAll();
  assert.equal((await Promise.all(burst)).length, CALLS);
});

it('a burst during a restart is on the wire at once', HANG, async (t) => {
  const server = await startServer(t);
  const client = clientFor(server, { ca: server.ca, maxRetries: 0 });
  const calls = (/** @type {number} */ count) => Array.from({ length: count }, () => client.track.lead(lead));

  const [onOld] = calls(1);
  await server.holds(1);
  server.sessions[0].close();
  // More than one connection carries.
  const burst = calls(3 * CALLS);
  await server.holds(1 + 3 * CALLS);
  server.sessions[0].destroy();
  await assert.rejects(onOld, { code: 'CONNECTION_ERROR', ambiguous: true });
  server.answerAll();
  await Promise.all(burst);

  const another = calls(3 * CALLS);
  await server.holds(3 * CALLS);
  server.answerAll();
  assert.equal((await Promise.all(another)).length, 3 * CALLS);
});
