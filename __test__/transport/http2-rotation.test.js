'use strict';

// Servers retire HTTP/2 connections while they are busy (after so many requests, at a deploy). What they had not taken
// on is sent again elsewhere, what they had is not: no call is lost, and none is counted twice.

const assert = require('node:assert/strict');
const http2 = require('node:http2');
const { once } = require('node:events');
const { it } = require('node:test');
const { answerTo } = require('../support/call-kinds.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const CALLS = 2000;
const REQUESTS_PER_CONNECTION = 200;

it('a server that keeps retiring its connections gets every sale exactly once', HANG, async (t) => {
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
      if (streams === REQUESTS_PER_CONNECTION) session.close();
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

  const client = clientFor(
    { url: `https://127.0.0.1:${server.address().port}` },
    { ca: authority.ca, timeout: 60_000, maxRetries: 20 },
  );
  const sales = Array.from({ length: CALLS }, (_, amount) =>
    client.track.sale({ clickId: 'c', customerExternalId: 'u', amount }),
  );
  assert.equal((await Promise.all(sales)).length, CALLS);
  assert.ok(
    received.every((times) => times === 1),
    'a sale was lost or repeated',
  );
  assert.ok(connections >= CALLS / REQUESTS_PER_CONNECTION, `${connections} connections`);
});
