'use strict';

const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const { once } = require('node:events');
const { createCertificate } = require('./certificate.js');

const INTERNAL_ERROR = http2.constants.NGHTTP2_INTERNAL_ERROR;

/**
 * @typedef {import('node:http').IncomingMessage} Req a request of HTTP/1.1 or, through Node's compatibility
 *   layer, HTTP/2
 * @typedef {import('node:http').ServerResponse<Req>} Res
 */

/** The server that listens, and the connections it holds. */
class Listener {
  #server;
  /** @type {Map<string, import('node:net').Socket>} */
  #sockets = new Map();
  #scheme;

  /**
   * @param {import('../options.js').Settings} settings
   * @param {(req: Req, res: Res) => void} onRequest
   */
  constructor({ https, http2, allowedHosts }, onRequest) {
    const certificate = https ? createCertificate(allowedHosts) : undefined;
    this.ca = certificate?.ca;
    this.#scheme = https ? 'https' : 'http';
    this.#server = createServer(certificate, http2, onRequest);
    this.#server.on('connection', (socket) => {
      const name = nameOf(socket);
      this.#sockets.set(name, socket);
      socket.on('close', () => this.#sockets.delete(name));
    });
  }

  /**
   * @param {number} port
   * @returns {Promise<string>} the address
   */
  async listen(port) {
    this.#server.listen({ port, host: '127.0.0.1' });
    await once(this.#server, 'listening');
    const address = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `${this.#scheme}://127.0.0.1:${address.port}`;
  }

  /**
   * Resets the connection that a request came over: under TLS and HTTP/2 too, where the request's own socket is a
   * layer that cannot.
   *
   * @param {Req} req
   */
  drop(req) {
    this.#sockets.get(nameOf(req.socket))?.resetAndDestroy();
  }

  /**
   * Closes the connection that a request came over, once what was written is sent.
   *
   * @param {Req} req
   */
  breakOff(req) {
    this.#sockets.get(nameOf(req.socket))?.destroy();
  }

  /**
   * Ends a request without an answer. Other requests on the same HTTP/2 connection go on.
   *
   * @param {Req} req
   */
  cut(req) {
    if ('stream' in req) /** @type {import('node:http2').ServerHttp2Stream} */ (req.stream).close(INTERNAL_ERROR);
    else req.socket.destroy();
  }

  /** Cuts off the connections, idle ones included. */
  disconnect() {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  async close() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.disconnect();
    await closed;
  }
}

/**
 * @param {import('./certificate.js').Certificate | undefined} certificate
 * @param {boolean} offerHttp2
 * @param {(req: Req, res: Res) => void} onRequest
 */
function createServer(certificate, offerHttp2, onRequest) {
  // Idle connections stay open: closing them races with the next request of a client that pools connections.
  const options = { keepAliveTimeout: 0 };
  if (!certificate) return http.createServer(options, onRequest);
  const { key, cert } = certificate;
  if (!offerHttp2) return https.createServer({ ...options, key, cert }, onRequest);
  const server = http2.createSecureServer({ key, cert, allowHTTP1: true });
  server.on('request', /** @type {(...args: any[]) => void} */ (onRequest));
  return server;
}

/** @param {import('node:net').Socket} socket */
function nameOf({ remoteAddress, remotePort }) {
  return `${remoteAddress}:${remotePort}`;
}

exports.Listener = Listener;
