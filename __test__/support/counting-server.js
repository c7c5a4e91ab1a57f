'use strict';

// A healthy API over each protocol, on Node's own servers, that counts the connections it is given.

const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const { answerTo } = require('./call-kinds.js');
const { trustedAuthority } = require('./tls-certificates.js');

/**
 * @typedef {'http' | 'https' | 'h2'} Protocol
 *
 * @param {Protocol} protocol
 * @param {{
 *   delay?: number,
 *   options?: object,
 *   port?: number,
 *   onRequest?: (request: import('node:http').IncomingMessage, body: string) => Promise<void> | void,
 * }} [settings] `delay` is the time the server takes, in milliseconds; `options` go to Node's `createServer`
 */
async function startCountingServer(protocol, { delay = 0, options = {}, port = 0, onRequest } = {}) {
  const connections = { opened: 0, open: 0, peak: 0 };
  const seen = { requests: 0, inFlight: 0, peakInFlight: 0 };

  /** Node's of HTTP/1.1 or of HTTP/2, which are used alike here. @type {(request: any, response: any) => void} */
  const listener = (request, response) => {
    seen.requests += 1;
    seen.inFlight += 1;
    seen.peakInFlight = Math.max(seen.peakInFlight, seen.inFlight);
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (/** @type {string} */ chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      await onRequest?.(request, body);
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      seen.inFlight -= 1;
      if (response.destroyed) return;
      response.setHeader('Content-Type', 'application/json');
      response.end(answerTo(request.url));
    });
  };

  const certificate = protocol === 'http' ? {} : await (await trustedAuthority()).usual();
  const server =
    protocol === 'http'
      ? http.createServer({ keepAliveTimeout: 60_000, ...options }, listener)
      : protocol === 'https'
        ? https.createServer({ keepAliveTimeout: 60_000, ...certificate, ...options }, listener)
        : http2.createSecureServer({ ...certificate, ...options }, listener);

  const sockets = new Set();
  server.on('connection', (socket) => {
    connections.opened += 1;
    connections.open += 1;
    connections.peak = Math.max(connections.peak, connections.open);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      connections.open -= 1;
      sockets.delete(socket);
    });
  });
  server.on('sessionError', () => {});
  server.on('tlsClientError', () => {});
  server.listen({ port, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');

  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `${protocol === 'http' ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    ca: protocol === 'http' ? undefined : (await trustedAuthority()).ca,
    connections,
    seen,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

module.exports = { startCountingServer };
