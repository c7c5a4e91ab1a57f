'use strict';

// Every way a server, or what stands in front of it, can fail a request. A fault acts at one of three moments:
// when the connection opens, when the request's head has arrived, or when its whole body has.

const { answerTo } = require('./call-kinds.js');

/**
 * @typedef {object} Exchange
 * @property {import('node:net').Socket} socket
 * @property {import('./fault-server.js').SeenRequest} request
 * @property {() => void} reset closes the TCP connection with an RST
 *
 * @typedef {'keep' | 'end' | 'reset'} Ending
 * @typedef {Record<string, string | number | (string | number)[]>} Headers
 *
 * @typedef {Fault & Required<Pick<Fault, 'onRequest'>>} RequestFault a fault that acts once the request is there
 *
 * @typedef {object} Fault
 * @property {string} name
 * @property {(socket: import('node:net').Socket) => void} [onConnect]
 * @property {(exchange: Exchange) => void} [onHead]
 * @property {(exchange: Exchange) => void} [onRequest]
 */

/** No flood is larger than this, so that a client which swallows everything still ends. */
const FLOOD_LIMIT = 16 * 1024 * 1024;

/**
 * What may follow the bytes that a fault writes.
 *
 * @type {Record<Ending, (exchange: Pick<Exchange, 'socket' | 'reset'>) => void>}
 */
const endings = {
  keep: () => {},
  end: ({ socket }) => void socket.end(),
  reset: ({ reset }) => reset(),
};

/** @type {(status: number, headers: Headers) => string} */
const head = (status, headers) =>
  `HTTP/1.1 ${status} Status\r\n` +
  Object.entries(headers)
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}\r\n`))
    .join('') +
  '\r\n';

/**
 * A well-formed response of any status.
 *
 * @param {number} status
 * @param {string} [body]
 * @param {Headers} [headers]
 * @returns {RequestFault}
 */
function respond(status, body = '', headers = {}) {
  return {
    name: `${status}${body ? '' : ' without a body'}`,
    onRequest: ({ socket }) =>
      socket.write(
        head(status, {
          ...(status === 204 ? {} : { 'Content-Length': Buffer.byteLength(body) }),
          ...headers,
        }) + body,
      ),
  };
}

/**
 * The error body of the API.
 *
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {Headers} [headers]
 */
const apiError = (status, code, message, headers = {}) =>
  respond(status, JSON.stringify({ error: { code, message } }), {
    'Content-Type': 'application/json',
    ...headers,
  });

/**
 * What a healthy API answers.
 *
 * @type {(headers?: Headers) => RequestFault}
 */
const ok = (headers = {}) => ({
  name: 'ok',
  onRequest: ({ socket, request }) => {
    const body = answerTo(request.path);
    socket.write(
      head(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        ...headers,
      }) + body,
    );
  },
});

/**
 * Bytes of the test's choosing, then `ending`.
 *
 * @type {(name: string, bytes: string | Buffer, ending?: Ending) => RequestFault}
 */
const raw = (name, bytes, ending = 'keep') => ({
  name,
  onRequest: (exchange) => exchange.socket.write(bytes, () => endings[ending](exchange)),
});

/**
 * The valid answer framed wrongly: `frame` turns its text into the bytes sent.
 *
 * @type {(name: string, frame: (answer: string) => string | Buffer, ending?: Ending) => RequestFault}
 */
const misframed = (name, frame, ending = 'keep') => ({
  name,
  onRequest: (exchange) =>
    exchange.socket.write(frame(answerTo(exchange.request.path)), () => endings[ending](exchange)),
});

/** @type {() => Fault} */
const stall = () => ({ name: 'stall after reading', onRequest: () => {} });
/** @type {() => Fault} */
const stallOnHead = () => ({ name: 'stall without reading the body', onHead: () => {} });
/** @type {() => Fault} */
const stallOnConnect = () => ({ name: 'accept and stall', onConnect: (socket) => void socket.pause() });
/** @type {() => Fault} */
const resetOnConnect = () => ({
  name: 'reset before reading',
  onConnect: (socket) => void socket.resetAndDestroy(),
});
/** @type {() => Fault} */
const reset = () => ({
  name: 'reset after reading',
  onRequest: (exchange) => exchange.reset(),
});
/** @type {() => Fault} */
const eof = () => ({ name: 'EOF after reading', onRequest: ({ socket }) => void socket.end() });

/**
 * Bytes thrown at a client that has not said anything yet, or wanted TLS first.
 *
 * @type {(name: string, bytes: string | Buffer, ending?: Ending) => Fault}
 */
const greet = (name, bytes, ending = 'keep') => ({
  name,
  onConnect: (socket) => {
    socket.resume();
    socket.write(bytes, () => endings[ending]({ socket, reset: () => void socket.resetAndDestroy() }));
  },
});

/**
 * `prefix`, then `chunk` again and again for as long as the client takes it.
 *
 * @type {(name: string, prefix: string, chunk: Buffer | string) => Fault}
 */
const flood = (name, prefix, chunk) => ({
  name,
  onRequest: ({ socket }) => {
    let sent = 0;
    const more = () => {
      while (!socket.destroyed && sent < FLOOD_LIMIT) {
        sent += chunk.length;
        if (!socket.write(chunk)) return void socket.once('drain', more);
      }
    };
    socket.write(prefix);
    more();
  },
});

/**
 * The valid answer, `step` bytes every `interval` ms; `share` is how much of it is ever sent.
 *
 * @type {(name: string, pace: { step: number, interval: number, share?: number }) => Fault}
 */
const drip = (name, { step, interval, share = 1 }) => ({
  name,
  onRequest: ({ socket, request }) => {
    const body = answerTo(request.path);
    const bytes = head(200, { 'Content-Length': Buffer.byteLength(body) }) + body;
    const end = Math.floor(bytes.length * share);
    let at = 0;
    const timer = setInterval(() => {
      if (socket.destroyed || at >= end) return clearInterval(timer);
      socket.write(bytes.slice(at, Math.min(at + step, end)));
      at += step;
    }, interval);
  },
});

module.exports = {
  apiError,
  drip,
  eof,
  flood,
  greet,
  head,
  misframed,
  ok,
  raw,
  reset,
  resetOnConnect,
  respond,
  stall,
  stallOnConnect,
  stallOnHead,
};
