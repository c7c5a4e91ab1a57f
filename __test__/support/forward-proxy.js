'use strict';

// An HTTP proxy of the kind companies run: CONNECT tunnels and absolute-form requests, with and without
// credentials. It is the `proxy` package, which proxy clients are commonly tested with; here it also remembers what
// it was asked.

const { once } = require('node:events');
const http = require('node:http');
const https = require('node:https');
const { trustedAuthority } = require('./tls-certificates.js');

/**
 * @param {{ credentials?: string, tls?: boolean }} [options] `user:password` to insist on; whether the proxy itself is
 *   reached over TLS
 */
async function startProxy({ credentials, tls = false } = {}) {
  const { createProxy } = await import('proxy');
  /** @type {{ method: string, target: string, headers: import('node:http').IncomingHttpHeaders }[]} */
  const seen = [];
  const server = createProxy(tls ? https.createServer(await (await trustedAuthority()).usual()) : http.createServer());
  /** @param {import('node:http').IncomingMessage} request */
  const remember = (request) =>
    seen.push({ method: request.method ?? '', target: request.url ?? '', headers: { ...request.headers } });
  server.prependListener('request', remember);
  server.prependListener('connect', remember);
  if (credentials !== undefined) {
    const expected = `Basic ${Buffer.from(credentials).toString('base64')}`;
    server.authenticate = (request) => request.headers['proxy-authorization'] === expected;
  }
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    seen,
    /**
     * Its URL with credentials, percent-encoded as a URL wants them.
     *
     * @param {string} user
     * @param {string} password
     */
    urlWith: (user, password) => `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

module.exports = { startProxy };
