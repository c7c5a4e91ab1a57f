'use strict';

// The option http2: HTTP/2 on plain http:, where nothing is negotiated.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const http2 = require('node:http2');
const { describe, it } = require('node:test');
const { answerTo, callKinds } = require('../support/call-kinds.js');
const { HANG, resolved } = require('../support/fault-table.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');

/**
 * @param {import('node:test').TestContext} t
 * @param {http.Server | http2.Http2Server} server
 */
async function listen(t, server) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}`, sockets };
}

/** @type {string[]} */
const versions = [];

/** @param {http.IncomingMessage | http2.Http2ServerRequest} request @param {any} response */
function answer(request, response) {
  versions.push(request.httpVersion);
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(answerTo(request.url ?? ''));
  });
}

describe('a server on plain http: that speaks HTTP/2', () => {
  for (const kind of callKinds) {
    it(`carries 32 calls over one connection · ${kind.name}`, HANG, async (t) => {
      const server = await listen(t, http2.createServer(answer));
      const client = clientFor(server, { http2: true });
      versions.length = 0;
      const answers = await Promise.all(Array.from({ length: 32 }, () => kind.send(client)));
      assert.deepEqual(answers, Array(32).fill(resolved(kind.path)));
      assert.deepEqual(versions, Array(32).fill('2.0'));
      assert.equal(server.sockets.size, 1);
    });
  }
});

describe('a server that speaks HTTP/1.1 only', () => {
  for (const kind of callKinds) {
    it(`is an error that names the option · ${kind.name}`, HANG, async (t) => {
      const server = await listen(t, http.createServer(answer));
      const error = await rejectionOf(kind.send(clientFor(server, { http2: true, maxRetries: 0 })));
      const message =
        /broke before an answer came: .+\. If this server has no HTTP\/2 without TLS, remove the option http2$/;
      assertError(error, { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 0, message });
    });

    for (const option of [undefined, false]) {
      it(`is served with http2: ${option} · ${kind.name}`, HANG, async (t) => {
        const server = await listen(t, http.createServer(answer));
        versions.length = 0;
        assert.deepEqual(await kind.send(clientFor(server, { http2: option })), resolved(kind.path));
        assert.deepEqual(versions, ['1.1']);
      });
    }
  }
});
