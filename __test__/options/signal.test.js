'use strict';

// A signal ends a call wherever it is: before it left, in the queue, on the wire, or between two attempts.

const assert = require('node:assert/strict');
const { getEventListeners, once } = require('node:events');
const { describe, it } = require('node:test');
const { nativeOnly } = require('../support/engine.js');
const { callKinds } = require('../support/call-kinds.js');
const faults = require('../support/fault-behaviours.js');
const { startH2FaultServer } = require('../support/fault-server-h2.js');
const { HANG, resolved } = require('../support/fault-table.js');
const { startFaultServer, closedPort } = require('../support/fault-server.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/** @typedef {import('../support/fault-behaviours.js').Fault} Fault */

const aborted = { name: 'RefportAbortError', code: 'ABORTED', status: 0 };
const listeners = (/** @type {AbortSignal} */ signal) => getEventListeners(signal, 'abort').length;
/** Longer than any test may take: what waits for it must have been cut short. */
const NEVER = 600_000;

/** @param {import('node:test').TestContext} t @param {Fault[]} script */
const starting = async (t, script) => {
  const server = await startFaultServer(script);
  t.after(() => server.close());
  return server;
};

describe('abort', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`a signal that has already fired sends nothing · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, []);
      const reason = new Error('changed my mind');
      const signal = AbortSignal.abort(reason);
      const error = await rejectionOf(kind.send(clientFor(server), { signal }));
      assertError(error, aborted);
      assert.equal(error.cause, reason);
      assert.equal(error.attempts, 0);
      assert.equal(listeners(signal), 0);
      assert.equal(server.connections.opened, 0);
    });

    it(`in flight over HTTP/1.1, the connection is closed · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, [faults.stall()]);
      const controller = new AbortController();
      const reason = { code: 'any value' };
      const call = kind.send(clientFor(server, { timeout: NEVER }), { signal: controller.signal });
      await server.seen(1);
      assert.ok(listeners(controller.signal) > 0);
      controller.abort(reason);
      const error = await rejectionOf(call);
      assertError(error, aborted);
      assert.equal(error.cause, reason);
      assert.equal(error.attempts, 1);
      assert.equal(listeners(controller.signal), 0);
      await server.drained();
      assert.equal(server.attempts, 1);
    });

    it(`in flight over HTTP/2, the stream is reset and the connection kept · ${kind.name}`, {
      ...HANG,
      skip: nativeOnly('http2'),
    }, async (t) => {
      const authority = await trustedAuthority();
      const server = await startH2FaultServer([{ name: 'stall', onRequest: () => {} }], {
        certificate: await authority.usual(),
        path: kind.path,
      });
      t.after(() => server.close());
      const client = clientFor(server, { timeout: NEVER, ca: authority.ca });
      const controller = new AbortController();
      const call = kind.send(client, { signal: controller.signal });
      await server.seen(1);
      const reset = server.clientReset();
      controller.abort();
      assertError(await rejectionOf(call), aborted);
      assert.equal(await reset, server.requests[0].stream);
      assert.deepEqual(await kind.send(client), resolved(kind.path));
      assert.equal(server.connections.opened, 1);
    });

    it(`in the middle of the body · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, [
        faults.misframed('half', (answer) => faults.head(200, { 'Content-Length': 999 }) + answer),
      ]);
      const controller = new AbortController();
      const call = kind.send(clientFor(server, { timeout: NEVER }), { signal: controller.signal });
      await server.seen(1);
      controller.abort();
      assertError(await rejectionOf(call), aborted);
      await server.drained();
    });

    it(`during backoff, which ends at once · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, [faults.respond(429, '', { 'Retry-After': '60' })]);
      const controller = new AbortController();
      const call = kind.send(clientFor(server), { signal: controller.signal });
      await server.seen(1);
      controller.abort('enough');
      const error = await rejectionOf(call);
      assertError(error, aborted);
      assert.equal(error.cause, 'enough');
      assert.equal(error.attempts, 1);
      assert.equal(listeners(controller.signal), 0);
      assert.equal(server.attempts, 1);
    });

    it(`while connecting · ${kind.name}`, HANG, async (t) => {
      const authority = await trustedAuthority();
      const server = await startFaultServer([faults.stallOnConnect()], { tls: await authority.usual() });
      t.after(() => server.close());
      const connected = once(server, 'connect');
      const controller = new AbortController();
      const call = kind.send(clientFor(server, { timeout: NEVER }), { signal: controller.signal });
      await connected;
      controller.abort();
      assertError(await rejectionOf(call), aborted);
    });

    it(`in the tick of the call · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, []);
      const controller = new AbortController();
      const call = kind.send(clientFor(server), { signal: controller.signal });
      controller.abort();
      assertError(await rejectionOf(call), aborted);
      assert.equal(listeners(controller.signal), 0);
    });

    it(`AbortSignal.timeout ends a call with its own reason · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, [faults.stall()]);
      const error = await rejectionOf(
        kind.send(clientFor(server, { timeout: NEVER }), { signal: AbortSignal.timeout(100) }),
      );
      assertError(error, aborted);
      assert.equal(error.cause.name, 'TimeoutError');
    });

    for (const [how, script, settings] of /** @type {[how: string, script: Fault[], settings: object][]} */ ([
      ['success', [], {}],
      ['an error of the API', [faults.respond(400)], {}],
      ['a lost connection', [faults.reset()], { maxRetries: 0 }],
      ['a timeout', [faults.stall()], { maxRetries: 0, timeout: 100 }],
      ['a retry', [faults.respond(429, '', { 'Retry-After-Ms': '1' })], {}],
    ])) {
      it(`leaves no listener after ${how}, and firing later does nothing · ${kind.name}`, HANG, async (t) => {
        const server = await starting(t, script);
        const controller = new AbortController();
        const outcome = kind
          .send(clientFor(server), { ...settings, signal: controller.signal })
          .catch((error) => error);
        const settled = await outcome;
        assert.equal(listeners(controller.signal), 0);
        controller.abort();
        assert.equal(await outcome, settled);
        assert.notEqual(settled?.code, 'ABORTED');
      });
    }

    it(`leaves no listener after input that was refused · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, []);
      const { signal } = new AbortController();
      await rejectionOf(clientFor(server).track.lead(/** @type {any} */ ({}), { signal }));
      await rejectionOf(kind.send(clientFor(server), { signal, timeout: -1 }));
      assert.equal(listeners(signal), 0);
    });
  }

  it('during backoff after a connection that never came about', HANG, async () => {
    const controller = new AbortController();
    const client = clientFor({ url: `http://127.0.0.1:${await closedPort()}` }, { maxRetries: 100 });
    const call = callKinds[0].send(client, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    assertError(await rejectionOf(call), aborted);
  });

  it('one signal ends every call it was given to, and no other', HANG, async (t) => {
    /** @type {string[]} */
    const warnings = [];
    const onWarning = (/** @type {Error} */ warning) => warnings.push(warning.name);
    process.on('warning', onWarning);
    t.after(() => process.off('warning', onWarning));
    const server = await startFaultServer([], {
      otherwise: {
        name: 'answers only what may live',
        onRequest: (exchange) => {
          if (exchange.request.headers['x-test-case'] === 'live') faults.ok().onRequest(exchange);
        },
      },
    });
    t.after(() => server.close());
    const client = clientFor(server, { timeout: NEVER });
    const controller = new AbortController();
    const calls = Array.from({ length: 300 }, (_, index) =>
      callKinds[index % 6].send(client, { signal: controller.signal }).catch((error) => error.code),
    );
    assert.ok(listeners(controller.signal) > 0);
    controller.abort();
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(['ABORTED']));
    assert.equal(listeners(controller.signal), 0);
    const survivors = Array.from({ length: 20 }, () =>
      callKinds[0].send(client, { headers: { 'X-Test-Case': 'live' } }),
    );
    assert.equal((await Promise.all(survivors)).length, 20);
    assert.deepEqual(warnings, []);
  });

  for (const [what, reason] of [
    ['null', null],
    ['0', 0],
    ['a string', 'no'],
  ]) {
    it(`a reason of ${what} is passed on as it is`, HANG, async (t) => {
      const server = await starting(t, []);
      const error = await rejectionOf(callKinds[0].send(clientFor(server), { signal: AbortSignal.abort(reason) }));
      assert.equal(error.cause, reason);
    });
  }

  it('a signal that breaks harms no other call', HANG, async (t) => {
    const server = await starting(t, []);
    const client = clientFor(server);
    const signal = {
      aborted: false,
      addEventListener: () => {},
      removeEventListener: () => {
        throw new Error('broken on purpose');
      },
    };
    const broken = callKinds[0].send(client, { signal }).catch(() => {});
    const others = Array.from({ length: 5 }, () => callKinds[0].send(client));
    assert.equal((await Promise.all(others)).length, 5);
    await broken;
  });

  it('signal: null and undefined mean none', HANG, async (t) => {
    const server = await starting(t, []);
    for (const signal of [null, undefined]) await callKinds[0].send(clientFor(server), { signal });
    assert.equal(server.attempts, 2);
  });
});
