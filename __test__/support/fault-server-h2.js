'use strict';

// The HTTP/2 half of the fault server, frame by frame: Node's own http2 server cannot refuse a stream without
// having processed it, nor send a GOAWAY whose last stream lies below the one being answered.

const { once } = require('node:events');
const tls = require('node:tls');
const { answerTo } = require('./call-kinds.js');
const { FRAME, FLAG, frame, readFrames, PREFACE, statusHeaders } = require('./h2-frames.js');

/**
 * @typedef {object} H2Exchange
 * @property {number} stream
 * @property {(type: number, flags: number, payload?: Buffer, stream?: number) => void} send
 * @property {(status: number, body: string, flags?: number) => void} answer
 * @property {(code: number, lastStream: number) => void} goaway
 * @property {(code: number) => void} rst
 * @property {string} body what the healthy API would answer
 * @property {() => void} hangUp
 *
 * @typedef {{ name: string, onRequest: (exchange: H2Exchange) => void }} H2Fault
 */

/** @type {H2Fault} */
const okH2 = { name: 'ok', onRequest: ({ answer, body }) => answer(200, body) };

/**
 * @param {H2Fault[]} script one fault per request, in the order of their arrival
 * @param {{ certificate: { key: string, cert: string }, path: string, otherwise?: H2Fault }} options
 *   `path` is the one endpoint that this server stands for: request headers are counted, not decoded
 */
async function startH2FaultServer(script, { certificate, path, otherwise = okH2 }) {
  const faults = [...script];
  const sockets = new Set();
  const connections = { opened: 0, open: 0, peak: 0 };
  /** @type {{ connection: number, stream: number, body: string, complete: boolean, fault: string }[]} */
  const requests = [];

  const server = tls.createServer({ ...certificate, ALPNProtocols: ['h2'] }, (socket) => {
    connections.opened += 1;
    connections.open += 1;
    connections.peak = Math.max(connections.peak, connections.open);
    const connection = connections.opened;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      connections.open -= 1;
      sockets.delete(socket);
      server.emit('disconnect');
    });

    /** @type {(type: number, flags: number, stream: number, payload?: Buffer) => void} */
    const write = (type, flags, stream, payload) => {
      if (!socket.destroyed) socket.write(frame(type, flags, stream, payload));
    };
    /** @type {Map<number, { request: typeof requests[number], fault: H2Fault }>} */
    const open = new Map();

    /** @param {number} stream */
    const finish = (stream) => {
      const found = open.get(stream);
      if (found === undefined) return;
      const { request, fault } = found;
      open.delete(stream);
      request.complete = true;
      fault.onRequest({
        stream,
        body: answerTo(path),
        send: (type, flags, payload, on = stream) => write(type, flags, on, payload),
        answer: (status, body, flags = FLAG.END_STREAM) => {
          write(FRAME.HEADERS, FLAG.END_HEADERS, stream, statusHeaders(status));
          write(FRAME.DATA, flags, stream, Buffer.from(body));
        },
        goaway: (code, lastStream) => {
          const payload = Buffer.alloc(8);
          payload.writeUInt32BE(lastStream, 0);
          payload.writeUInt32BE(code, 4);
          write(FRAME.GOAWAY, 0, 0, payload);
        },
        rst: (code) => {
          const payload = Buffer.alloc(4);
          payload.writeUInt32BE(code);
          write(FRAME.RST_STREAM, 0, stream, payload);
        },
        hangUp: () => socket.end(),
      });
      server.emit('request-seen');
    };

    write(FRAME.SETTINGS, 0, 0);
    /** @type {Buffer} */
    let buffered = Buffer.alloc(0);
    let greeted = false;
    socket.on('data', (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      if (!greeted) {
        if (buffered.length < PREFACE.length) return;
        buffered = buffered.subarray(PREFACE.length);
        greeted = true;
      }
      const { frames, rest } = readFrames(buffered);
      buffered = rest;
      for (const { type, flags, stream, payload } of frames) {
        if (type === FRAME.SETTINGS && !(flags & FLAG.ACK)) write(FRAME.SETTINGS, FLAG.ACK, 0);
        if (type === FRAME.PING && !(flags & FLAG.ACK)) write(FRAME.PING, FLAG.ACK, 0, payload);
        if (type === FRAME.RST_STREAM) server.emit('client-reset', stream);
        if (type === FRAME.HEADERS) {
          const fault = faults.shift() ?? otherwise;
          const request = { connection, stream, body: '', complete: false, fault: fault.name };
          requests.push(request);
          open.set(stream, { request, fault });
        }
        const known = open.get(stream);
        if (type === FRAME.DATA && known) known.request.body += payload;
        const ends = type === FRAME.HEADERS || type === FRAME.DATA;
        if (ends && flags & FLAG.END_STREAM) finish(stream);
      }
    });
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

  return {
    url: `https://127.0.0.1:${port}`,
    requests,
    connections,
    get attempts() {
      return requests.length;
    },
    get completed() {
      return requests.filter((request) => request.complete).length;
    },
    /**
     * Resolves once `count` requests have arrived whole.
     *
     * @param {number} count
     */
    async seen(count) {
      while (requests.filter((request) => request.complete).length < count) {
        await once(server, 'request-seen');
      }
    },
    /** Resolves once no connection is open any more. */
    async drained() {
      while (connections.open > 0) await once(server, 'disconnect');
    },
    /** Resolves with the stream that the client resets next. */
    clientReset: async () => (await once(server, 'client-reset'))[0],
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

module.exports = { startH2FaultServer, okH2 };
