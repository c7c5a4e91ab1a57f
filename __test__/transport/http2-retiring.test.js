'use strict';

// Servers that retire each HTTP/2 connection after a few streams: the streams they had not taken on go out again on the next
// connection, which is no retry to anybody. A server that takes nothing on is another matter.

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
const STREAMS_PER_CONNECTION = 50;

it('a burst at a server that retires connections every 50 streams: none fails, none is doubled', HANG, async (t) => {
  const authority = await trustedAuthority();
  const received = new Uint8Array(CALLS);
  const sessions = new Set();
  const server = http2.createSecureServer(await authority.usual());
  server.on('sessionError', () => {});
  server.on('session', (session) => {
    sessions.add(session);
    let streams = 0;
    session.on('stream', (stream) => {
      streams += 1;
      if (streams === STREAMS_PER_CONNECTION) session.close();
      let body = '';
      stream.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      stream.on('error', () => {});
      stream.on('end', () => {
        received[JSON.parse(body).amount] += 1;
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

  // Everything else as it comes: two retries.
  const client = clientFor({ url: `https://127.0.0.1:${server.address().port}` }, { ca: authority.ca });
  const sale = (amount) => client.track.sale({ clickId: 'c', customerExternalId: 'u', amount });
  const settled = await Promise.allSettled(Array.from({ length: CALLS }, (_, amount) => sale(amount)));
  const failures = settled.flatMap(({ reason }) => reason ?? []);
  assert.deepEqual(failures.map(String), []);
  assert.equal(received.filter((times) => times !== 1).length, 0, 'a sale was lost or doubled');
  assert.ok(sessions.size >= CALLS / STREAMS_PER_CONNECTION, `${sessions.size} connections`);
});

it('a server that retires every connection before it takes anything on gets a burst once', HANG, async (t) => {
  const authority = await trustedAuthority();
  const goaway = { name: 'GOAWAY', onRequest: ({ goaway }) => goaway(ERROR.NO_ERROR, 0) };
  const path = '/api/track/sale';
  const server = await startH2FaultServer([], { certificate: await authority.usual(), path, otherwise: goaway });
  t.after(() => server.close());
  const client = clientFor(server, { ca: authority.ca, maxRetries: 0 });
  const sale = (amount) => rejectionOf(client.track.sale({ clickId: 'c', customerExternalId: 'u', amount }));
  const errors = await Promise.all(Array.from({ length: 100 }, (_, amount) => sale(amount)));
  assert.ok(errors.every(({ attempts, retryable }) => attempts === 1 && retryable));
  assert.ok(server.requests.length <= 100, `${server.requests.length} requests for 100 calls`);
});
