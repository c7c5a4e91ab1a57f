'use strict';

// Closing a client: it takes no more calls, what is in flight finishes or is aborted in time, and nobody else notices.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const result = require('refport/result');
const { callKinds } = require('../support/call-kinds.js');
const { startCountingServer } = require('../support/counting-server.js');
const faults = require('../support/fault-behaviours.js');
const { startFaultServer } = require('../support/fault-server.js');
const { HANG } = require('../support/fault-table.js');
const { API_KEY, assertError, clientFor, rejectionOf } = require('../support/refport-client.js');

const [{ send }] = callKinds;
const closed = { name: 'RefportError', code: 'CLOSED', status: 0 };
const aborted = { name: 'RefportAbortError', code: 'ABORTED', status: 0, message: /client was closed/ };

/** A server that answers no call before it is told to. @param {import('node:test').TestContext} t */
async function heldServer(t) {
  let open = () => {};
  const opened = new Promise((resolve) => (open = () => resolve(undefined)));
  let arrived = () => {};
  const first = new Promise((resolve) => (arrived = () => resolve(undefined)));
  const server = await startCountingServer('http', {
    onRequest: () => {
      arrived();
      return opened;
    },
  });
  t.after(() => server.close());
  return { ...server, open, first };
}

/** A server that never answers. @param {import('node:test').TestContext} t */
async function silentServer(t) {
  const server = await startFaultServer([], { otherwise: faults.stall() });
  t.after(() => server.close());
  return server;
}

describe('close', { concurrency: true }, () => {
  it('waits for the calls in flight, those included that have not left yet', HANG, async (t) => {
    const server = await heldServer(t);
    const refport = clientFor(server);
    const calls = Array.from({ length: 300 }, () => send(refport));
    let isClosed = false;
    const closing = refport.close({ timeout: 60_000 }).then(() => (isClosed = true));
    await server.first;
    assert.equal(isClosed, false);
    server.open();
    await Promise.all(calls);
    await closing;
    assert.equal(server.seen.requests, 300);
  });

  for (const kind of callKinds) {
    it(`takes no more calls: nothing is sent, and another client may send them · ${kind.name}`, HANG, async (t) => {
      const server = await heldServer(t);
      server.open();
      const refport = clientFor(server);
      await kind.send(refport);
      await refport.close();
      const error = await rejectionOf(kind.send(refport));
      assertError(error, closed);
      assert.deepEqual([error.attempts, error.ambiguous, error.retryable], [0, false, true]);
      assert.equal(server.seen.requests, 1);
    });

    it(`aborts at the timeout what is left · ${kind.name}`, HANG, async (t) => {
      const server = await silentServer(t);
      const refport = clientFor(server, { timeout: 600_000 });
      const call = rejectionOf(kind.send(refport));
      await server.seen(1);
      await refport.close({ timeout: 10 });
      const error = await call;
      assertError(error, aborted);
      assert.deepEqual([error.attempts, error.ambiguous, error.cause], [1, true, undefined]);
      await server.drained();
    });
  }

  it('leaves other clients alone, with the same options and connections too', HANG, async (t) => {
    const server = await heldServer(t);
    const refport = clientFor(server);
    const other = clientFor(server);
    const calls = [send(refport), send(other)].map((call) => call.then(() => 'answered'));
    await server.first;
    const ended = rejectionOf(calls[0]);
    await refport.close({ timeout: 0 });
    assertError(await ended, aborted);
    server.open();
    assert.equal(await calls[1], 'answered');
    await send(other);
  });

  it('aborts a wait between two attempts', HANG, async (t) => {
    const server = await startFaultServer([], { otherwise: faults.respond(429, '{}', { 'Retry-After': '30' }) });
    t.after(() => server.close());
    const refport = clientFor(server);
    const call = rejectionOf(send(refport));
    await server.seen(1);
    await refport.close({ timeout: 0 });
    const { attempts, code } = await call;
    assert.deepEqual([code, attempts], ['ABORTED', 1]);
  });

  it('can be asked again to be quicker, and afterwards has nothing to do', HANG, async (t) => {
    const server = await silentServer(t);
    const refport = clientFor(server, { timeout: 600_000 });
    const call = rejectionOf(send(refport));
    await server.seen(1);
    const patient = refport.close({ timeout: 600_000 });
    await refport.close({ timeout: 0 });
    await patient;
    assertError(await call, aborted);
    await refport.close();
  });

  it("a call's own signal still says why it ended", HANG, async (t) => {
    const server = await silentServer(t);
    const refport = clientFor(server, { timeout: 600_000 });
    const controller = new AbortController();
    const call = rejectionOf(send(refport, { signal: controller.signal }));
    await server.seen(1);
    const closing = refport.close({ timeout: 600_000 });
    controller.abort('enough');
    await closing;
    assert.equal((await call).cause, 'enough');
  });

  it('Symbol.asyncDispose closes', HANG, async (t) => {
    const server = await heldServer(t);
    server.open();
    for (const Refport of [require('refport').Refport, result.Refport]) {
      const refport = new Refport({ apiKey: API_KEY, baseUrl: server.url });
      const call = send(refport);
      await refport[Symbol.asyncDispose]();
      await call;
      const outcome = await send(refport).catch((error) => ({ error }));
      assertError(outcome.error, closed);
    }
  });

  it('refport/result: the error of a call that is not taken, or aborted, is in its result', HANG, async (t) => {
    const server = await silentServer(t);
    const refport = new result.Refport({ apiKey: API_KEY, baseUrl: server.url });
    const call = send(refport);
    await server.seen(1);
    await refport.close({ timeout: 0 });
    assertError((await call).error, aborted);
    assertError((await send(refport)).error, closed);
  });

  it('a timeout that is none is refused, and the client goes on', HANG, async (t) => {
    const server = await heldServer(t);
    server.open();
    const refport = clientFor(server);
    for (const options of /** @type {any[]} */ ([
      { timeout: -1 },
      { timeout: '5' },
      { timeout: Number.NaN },
      5,
      null,
    ])) {
      assert.equal((await rejectionOf(refport.close(options))).code, 'VALIDATION_ERROR');
    }
    await send(refport);
  });
});
