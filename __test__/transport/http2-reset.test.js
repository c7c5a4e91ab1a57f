'use strict';

// A reset ends a stream and not its connection: after a reset, the others go on side by side on the same connection.

const assert = require('node:assert/strict');
const http2 = require('node:http2');
const { once } = require('node:events');
const { it } = require('node:test');
const { answerTo } = require('../support/call-kinds.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const CALLS = 300;
const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL } = http2.constants;

/**
 * A server that resets its first stream and holds the answers to all others until `CALLS` have come or `wait` ms are over.
 * @param {import('node:test').TestContext} t
 * @param {number} code
 */
async function serverThatResets(t, code) {
  const authority = await trustedAuthority();
  const server = http2.createSecureServer(await authority.usual());
  const seen = { connections: 0, streams: 0, inFlight: 0, peak: 0 };
  /** @type {Set<import('node:http2').ServerHttp2Session>} */
  const sessions = new Set();
  server.on('sessionError', () => {});
  server.on('session', (session) => {
    sessions.add(session);
    seen.connections += 1;
  });
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.resume();
    seen.streams += 1;
    if (seen.streams === 1) {
      stream.close(code);
      return;
    }
    seen.inFlight += 1;
    seen.peak = Math.max(seen.peak, seen.inFlight);
    setTimeout(() => {
      seen.inFlight -= 1;
      stream.respond({ ':status': 200 });
      stream.end(answerTo('/api/track/lead'));
    }, 50);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { seen, url: `https://127.0.0.1:${port}`, ca: authority.ca };
}

const lead = { clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' };

for (const [name, code] of Object.entries({ NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL })) {
  it(`${name} on one stream leaves the others their concurrency`, HANG, async (t) => {
    const { seen, url, ca } = await serverThatResets(t, code);
    const client = clientFor({ url }, { ca, timeout: 5_000, maxRetries: 0 });
    await assert.rejects(client.track.lead(lead));
    const calls = Array.from({ length: CALLS }, () => client.track.lead(lead));
    assert.equal((await Promise.all(calls)).length, CALLS);
    assert.ok(seen.peak >= 64, `at most ${seen.peak} requests at a time`);
    assert.ok(seen.connections <= 8, `${seen.connections} connections`);
  });
}
