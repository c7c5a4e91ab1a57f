'use strict';

// A connection that the server closes while it is idle must never be the caller's problem: no call may fail, or be
// counted twice, because it was put on a connection that was about to go.

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');
const { describe, it } = require('node:test');
const { nativeOnly } = require('../support/engine.js');
const { answerTo, callKinds, sale } = require('../support/call-kinds.js');
const { startCountingServer } = require('../support/counting-server.js');
const faults = require('../support/fault-behaviours.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { clientFor } = require('../support/refport-client.js');

/** Calls that may not be repeated after an ambiguous failure, so that no retry can hide one. */
const NO_NET = { maxRetries: 0 };

// Both wait for seconds, so they do it together.
describe('idle connections', { concurrency: true }, () => {
  describe("against a server with Node's default keep-alive of 5 seconds", { concurrency: true }, () => {
    // The moment itself is what is tested, so this does take as long as the server's timeout.
    const around = Array.from({ length: 41 }, (_, index) => 3000 + index * 100);
    for (const idle of around) {
      it(`a call after ${idle} ms of silence succeeds at the first attempt`, HANG, async (t) => {
        let requests = 0;
        const server = http.createServer((request, response) => {
          requests += 1;
          request.resume().on('end', () => response.end(answerTo(request.url)));
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        t.after(() => server.close().closeAllConnections());
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        const client = clientFor({ url: `http://127.0.0.1:${port}` }, NO_NET);
        await client.track.sale(sale);
        await new Promise((resolve) => setTimeout(resolve, idle));
        await client.track.sale(sale);
        assert.equal(requests, 2);
      });
    }
  });

  describe('a connection that has been idle for as long as typical servers keep one', { concurrency: true }, () => {
    // That server would keep it for a minute: whether it is taken again is the client's own decision.
    for (const protocol of /** @type {const} */ (['http', 'https', 'h2'])) {
      it(`is not taken again over ${protocol}`, { ...HANG, skip: nativeOnly('reuse') }, async (t) => {
        const server = await startCountingServer(protocol);
        t.after(() => server.close());
        const client = clientFor(server, { ...NO_NET, ca: server.ca });
        await client.track.sale(sale);
        await new Promise((resolve) => setTimeout(resolve, 4900));
        await client.track.sale(sale);
        assert.equal(server.connections.opened, 2);
      });
    }
  });
});

describe('a connection that was closed while idle', { concurrency: true }, () => {
  /** @type {[name: string, frame: (answer: string) => string, ending: import('../support/fault-behaviours.js').Ending][]} */
  const closing = [
    [
      'announced with Connection: close',
      (answer) => faults.head(200, { 'Content-Length': answer.length, Connection: 'close' }) + answer,
      'end',
    ],
    [
      'announced and left open',
      (answer) => faults.head(200, { 'Content-Length': answer.length, Connection: 'close' }) + answer,
      'keep',
    ],
    ['by HTTP/1.0', (answer) => `HTTP/1.0 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`, 'keep'],
    ['by an end without a length', (answer) => `HTTP/1.1 200 OK\r\n\r\n${answer}`, 'end'],
  ];
  for (const [name, frame, ending] of closing) {
    for (const kind of callKinds) {
      it(`${name}: the next call takes a new one · ${kind.name}`, HANG, async (t) => {
        const server = await startFaultServer([], { otherwise: faults.misframed(name, frame, ending) });
        t.after(() => server.close());
        const client = clientFor(server, NO_NET);
        for (let index = 0; index < 3; index++) await kind.send(client);
        assert.equal(server.attempts, 3);
        assert.equal(server.connections.opened, 3);
      });
    }
  }

  for (const kind of callKinds) {
    it(`unannounced, and noticed: the next call takes a new one · ${kind.name}`, HANG, async (t) => {
      const framed = (/** @type {string} */ answer) => faults.head(200, { 'Content-Length': answer.length }) + answer;
      const server = await startFaultServer([faults.misframed('end', framed, 'end')]);
      t.after(() => server.close());
      const client = clientFor(server, NO_NET);
      await kind.send(client);
      // Both sides have closed it once the server's side has.
      await server.drained();
      await kind.send(client);
      assert.equal(server.attempts, 2);
      assert.equal(server.connections.opened, 2);
    });
  }

  it('with bytes nobody asked for: they are not taken for the next answer', HANG, async (t) => {
    const forged = `${faults.head(200, { 'Content-Length': 4 })}null`;
    const server = await startFaultServer([
      faults.misframed(
        'early second answer',
        (answer) => faults.head(200, { 'Content-Length': answer.length }) + answer + forged,
      ),
    ]);
    t.after(() => server.close());
    const client = clientFor(server);
    const [lead] = callKinds;
    const first = await lead.send(client);
    const second = await lead.send(client).catch((error) => error);
    assert.notEqual(second, null, 'the leftover of the first answer was returned');
    assert.equal(first.eventName, 'Sign up');
  });
});
