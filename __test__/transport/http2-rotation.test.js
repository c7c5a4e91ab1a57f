'use strict';

// Servers retire HTTP/2 connections while they are busy (after so many requests, at a deploy). What they had not taken
// on is sent again elsewhere, what they had is not: no call is lost, and none is counted twice.

const assert = require('node:assert/strict');
const http2 = require('node:http2');
const { once } = require('node:events');
const { it } = require('node:test');
const { answerTo } = require('../support/call-kinds.js');
const { startH2FaultServer } = require('../support/fault-server-h2.js');
const { HANG } = require('../support/fault-table.js');
const { ERROR } = require('../support/h2-frames.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const CALLS = 3000;

/**
 * @param {import('node:test').TestContext} t
 * @param {{ perConnection: number, delay: number }} server how many requests a connection lasts, and what an answer takes
 */
async function burst(t, { perConnection, delay }) {
  const authority = await trustedAuthority();
  const received = new Uint8Array(CALLS);
  let connections = 0;
  const server = http2.createSecureServer(await authority.usual());
  const sessions = new Set();
  server.on('sessionError', () => {});
  server.on('session', (session) => {
    sessions.add(session);
    connections += 1;
    let streams = 0;
    session.on('stream', (stream) => {
      streams += 1;
      // Graceful: a GOAWAY that covers the streams it has seen, which are answered, then the end.
      if (streams === perConnection) session.close();
      let body = '';
      stream.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      stream.on('error', () => {});
      stream.on('end', async () => {
        received[JSON.parse(body).amount] += 1;
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        if (stream.destroyed) return;
        stream.respond({ ':status': 200 });
        stream.end(answerTo('/api/track/sale'));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });

  // What the server did not take is no retry of the caller's: none is left to spend here.
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const client = clientFor({ url: `https://127.0.0.1:${port}` }, { ca: authority.ca, maxRetries: 0 });
  const sales = Array.from({ length: CALLS }, (_, amount) =>
    client.track.sale({ clickId: 'c', customerExternalId: 'u', amount }),
  );
  const failures = (await Promise.allSettled(sales)).filter(({ status }) => status === 'rejected');
  assert.deepEqual(failures.slice(0, 3), [], `${failures.length} of ${CALLS} failed`);
  assert.ok(
    received.every((times) => times === 1),
    'a sale was lost or repeated',
  );
  assert.ok(connections >= CALLS / perConnection, `${connections} connections`);
}

for (const perConnection of [50, 100, 200]) {
  for (const delay of [0, 30]) {
    it(`every sale arrives once: ${perConnection} requests a connection, ${delay} ms each`, HANG, (t) =>
      burst(t, { perConnection, delay }),
    );
  }
}

it('a server that retires every connection before it takes anything on gets a burst once', HANG, async (t) => {
  const authority = await trustedAuthority();
  /** @type {import('../support/fault-server-h2.js').H2Fault} */
  const goaway = { name: 'GOAWAY', onRequest: ({ goaway }) => goaway(ERROR.NO_ERROR, 0) };
  const path = '/api/track/sale';
  const server = await startH2FaultServer([], { certificate: await authority.usual(), path, otherwise: goaway });
  t.after(() => server.close());
  const client = clientFor(server, { ca: authority.ca, maxRetries: 0 });
  const sale = (/** @type {number} */ amount) =>
    rejectionOf(client.track.sale({ clickId: 'c', customerExternalId: 'u', amount }));
  const errors = await Promise.all(Array.from({ length: 100 }, (_, amount) => sale(amount)));
  assert.ok(errors.every(({ attempts, retryable }) => attempts === 1 && retryable));
  assert.ok(server.requests.length <= 100, `${server.requests.length} requests for 100 calls`);
});
