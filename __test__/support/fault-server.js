'use strict';

// A server that misbehaves on purpose, one scripted fault per request, over raw sockets: what Node's own HTTP
// server would never send is exactly what the transport has to survive. The faults live in fault-behaviours.js.

const { EventEmitter, once } = require('node:events');
const net = require('node:net');
const tls = require('node:tls');
const { ok } = require('./fault-behaviours.js');

/**
 * @typedef {import('./fault-behaviours.js').Fault} Fault
 *
 * @typedef {object} SeenRequest
 * @property {string} method
 * @property {string} path as it stood in the request line
 * @property {Record<string, string>} headers names in lower case
 * @property {string} body
 * @property {boolean} complete whether the whole body had arrived
 * @property {number} connection which connection carried it, counted from 1
 * @property {string} fault the name of the fault it was answered with
 * @property {number} at when its head arrived, on the clock of `performance.now()`
 */

class FaultServer extends EventEmitter {
  /** @type {SeenRequest[]} */
  requests = [];
  /** `faulted` counts the connections that met a fault before anything was read from them. */
  connections = { opened: 0, open: 0, peak: 0, faulted: 0 };

  #script;
  /** @type {(request?: SeenRequest) => Fault} */
  #otherwise;
  #remembers;
  #server;
  /** @type {tls.TLSSocketOptions | null} */
  #tls = null;
  #sockets = new Set();

  /**
   * @param {Fault[]} script one fault per request (or per connection, for faults that act on connect)
   * @param {{ otherwise?: Fault | ((request: SeenRequest) => Fault), remember?: boolean, tls?: { key: string, cert: string }, port?: number, host?: string }} options
   *   `otherwise` answers once the script has run out, and may look at the request to choose; with `tls` the server
   *   speaks HTTPS; without `remember` it forgets its requests, as many as there may be
   */
  constructor(script, { otherwise = ok(), remember = true, tls: certificate } = {}) {
    super();
    this.#script = [...script];
    const constant = otherwise;
    this.#otherwise =
      typeof constant === 'function'
        ? (request) => (request ? constant(request) : { name: 'undecided' })
        : () => constant;
    this.#remembers = remember;
    this.#server = net.createServer((socket) => this.#accept(socket));
    if (certificate) {
      const alpn = /** @type {any} */ ({});
      // @ts-expect-error Node's declarations leave it out.
      tls.convertALPNProtocols(['http/1.1'], alpn);
      this.#tls = { isServer: true, secureContext: tls.createSecureContext(certificate), ...alpn };
    }
  }

  async listen(port = 0, host = '127.0.0.1') {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    return this;
  }

  get port() {
    return /** @type {net.AddressInfo} */ (this.#server.address()).port;
  }

  get url() {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** How many requests arrived with their whole body: each of them may have been counted as a conversion. */
  get completed() {
    return this.requests.filter((request) => request.complete).length;
  }

  /** How often a client tried this server: requests, and connections that failed before one could be read. */
  get attempts() {
    return this.requests.length + this.connections.faulted;
  }

  /**
   * Resolves once `count` requests have been seen in all.
   *
   * @param {number} count
   */
  async seen(count) {
    while (this.requests.length < count) await once(this, 'request');
    return this.requests;
  }

  /** Resolves once no connection is open any more. */
  async drained() {
    while (this.connections.open > 0) await once(this, 'disconnect');
  }

  /**
   * Resets one of the open connections.
   *
   * @param {() => number} random which, as a share of them
   */
  loseOne(random) {
    const sockets = [...this.#sockets];
    sockets[Math.floor(random() * sockets.length)]?.resetAndDestroy();
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  [Symbol.asyncDispose ?? Symbol('asyncDispose')]() {
    return this.close();
  }

  /** The fault that acts on the next connection, if it does not wait for a request. */
  #takeOnConnect() {
    if (this.#script.length > 0) return this.#script[0].onConnect && this.#script.shift();
    const fault = this.#otherwise();
    return fault.onConnect && fault;
  }

  /** @param {SeenRequest} request */
  #take(request) {
    return this.#script.shift() ?? this.#otherwise(request);
  }

  /** @param {net.Socket} socket */
  #accept(socket) {
    const { connections } = this;
    connections.opened += 1;
    connections.open += 1;
    connections.peak = Math.max(connections.peak, connections.open);
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => {
      connections.open -= 1;
      this.#sockets.delete(socket);
      this.emit('disconnect');
    });
    this.emit('connect');

    const fault = this.#takeOnConnect();
    if (fault) {
      connections.faulted += 1;
      fault.onConnect?.(socket);
    } else {
      this.#serve(this.#tls ? new tls.TLSSocket(socket, this.#tls) : socket, socket);
    }
  }

  /**
   * @param {net.Socket} socket what the HTTP bytes are read from and written to
   * @param {net.Socket} transport the TCP connection under it, the only one that can be reset
   */
  #serve(socket, transport) {
    const reset = () => void transport.resetAndDestroy();
    const connection = this.connections.opened;
    let buffered = Buffer.alloc(0);
    /** @type {{ request: SeenRequest, fault: Fault, bodyLength: number } | null} */
    let current = null;
    socket.on('error', () => {});

    const read = () => {
      if (!current) {
        const end = buffered.indexOf('\r\n\r\n');
        if (end === -1) return;
        const request = parseHead(buffered.subarray(0, end).toString('latin1'), connection);
        buffered = buffered.subarray(end + 4);
        const fault = this.#take(request);
        request.fault = fault.name;
        current = { request, fault, bodyLength: Number(request.headers['content-length'] ?? 0) };
        if (this.#remembers) this.requests.push(request);
        if (fault.onHead) {
          socket.pause();
          fault.onHead({ socket, request, reset });
          this.emit('request');
          return;
        }
      }
      const { request, fault, bodyLength } = current;
      if (buffered.length < bodyLength) return;
      request.body = buffered.subarray(0, bodyLength).toString();
      request.complete = true;
      buffered = buffered.subarray(bodyLength);
      current = null;
      fault.onRequest?.({ socket, request, reset });
      this.emit('request');
    };
    socket.on('data', (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      read();
    });
  }
}

/**
 * @param {string} head
 * @param {number} connection
 * @returns {SeenRequest}
 */
function parseHead(head, connection) {
  const [requestLine, ...lines] = head.split('\r\n');
  const [method, path] = requestLine.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, path, headers, body: '', complete: false, connection, fault: '', at: performance.now() };
}

/**
 * @param {Fault[]} [script]
 * @param {ConstructorParameters<typeof FaultServer>[1]} [options]
 */
const startFaultServer = (script = [], options = {}) =>
  new FaultServer(script, options).listen(options.port, options.host);

/**
 * A port on loopback that refuses connections: the local one of a connection, which stays open so that no other server
 * gets it meanwhile.
 */
async function closedPort() {
  const server = net.createServer((socket) => socket.unref()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.unref();
  server.unref();
  return /** @type {number} */ (socket.localPort);
}

module.exports = { startFaultServer, closedPort };
