'use strict';

// One connection whose TLS handshake never ends does not keep those calls waiting that another connection would serve.

const assert = require('node:assert/strict');
const net = require('node:net');
const http2 = require('node:http2');
const { once } = require('node:events');
const { it } = require('node:test');
const { answerTo } = require('../support/call-kinds.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const lead = { clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' };

it('others pass a handshake that stalls', HANG, async (t) => {
  const authority = await trustedAuthority();
  const api = http2.createSecureServer(await authority.usual());
  api.on('sessionError', () => {});
  api.on('stream', (stream) => {
    stream.on('error', () => {});
    stream.resume().on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end(answerTo('/api/track/lead'));
    });
  });
  // The first connection is accepted and never spoken to.
  let connections = 0;
  /** @type {Set<net.Socket>} */
  const sockets = new Set();
  const firstStalls = net.createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    connections += 1;
    if (connections > 1) api.emit('connection', socket);
  });
  firstStalls.listen(0, '127.0.0.1');
  await once(firstStalls, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    firstStalls.close();
  });
  const { port } = /** @type {net.AddressInfo} */ (firstStalls.address());

  const client = clientFor({ url: `https://127.0.0.1:${port}` }, { ca: authority.ca, maxRetries: 0 });
  const abort = new AbortController();
  const stuck = client.track.lead(lead, { timeout: 60_000, signal: abort.signal });
  stuck.catch(() => {});
  await once(firstStalls, 'connection');
  const others = Array.from({ length: 20 }, () => client.track.lead(lead, { timeout: 5_000 }));
  assert.equal((await Promise.all(others)).length, 20);
  abort.abort();
  await assert.rejects(stuck, { code: 'ABORTED' });
});
