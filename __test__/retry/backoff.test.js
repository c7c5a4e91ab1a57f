'use strict';

// How often and how far apart a call is tried when nobody says when to come back.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { nativeOnly } = require('../support/engine.js');
const { callKinds } = require('../support/call-kinds.js');
const faults = require('../support/fault-behaviours.js');
const { HANG, resolved } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/** Clocks of two threads: what was waited may look a little shorter from here. */
const SLACK = 30;
const atOnce = { 'Retry-After-Ms': '1' };

describe('the number of attempts', { concurrency: true }, () => {
  for (const kind of callKinds) {
    for (const [what, client, call, attempts] of /** @type {const} */ ([
      ['two retries by default', {}, {}, 3],
      ["none with the client's maxRetries: 0", { maxRetries: 0 }, {}, 1],
      ["as many as the client's maxRetries says", { maxRetries: 6 }, {}, 7],
      ["the call's maxRetries wins", { maxRetries: 6 }, { maxRetries: 1 }, 2],
      ["the call's maxRetries wins when it is 0", {}, { maxRetries: 0 }, 1],
    ])) {
      it(`${what} · ${kind.name}`, HANG, async (t) => {
        const server = await startFaultServer([], { otherwise: faults.respond(429, '', atOnce) });
        t.after(() => server.close());
        const error = await rejectionOf(kind.send(clientFor(server, client), call));
        assert.equal(error.attempts, attempts);
        assert.equal(server.attempts, attempts);
      });
    }

    it(`failures of every class add up to one count · ${kind.name}`, HANG, async (t) => {
      if (!kind.repeatable) return;
      const server = await startFaultServer([
        faults.reset(),
        faults.respond(500),
        faults.respond(503, '', atOnce),
        faults.respond(429, '', atOnce),
      ]);
      t.after(() => server.close());
      assert.deepEqual(await kind.send(clientFor(server, { maxRetries: 4 })), resolved(kind.path));
      assert.equal(server.attempts, 5);
      const exhausted = await startFaultServer([faults.reset(), faults.respond(500), faults.respond(429, '', atOnce)]);
      t.after(() => exhausted.close());
      const error = await rejectionOf(kind.send(clientFor(exhausted, { maxRetries: 2 })));
      assert.deepEqual([error.status, error.attempts, exhausted.attempts], [429, 3, 3]);
    });

    it(
      `an ambiguous failure after refused ones still ends a call that may not be repeated · ${kind.name}`,
      HANG,
      async (t) => {
        const server = await startFaultServer([faults.respond(429, '', atOnce), faults.reset()]);
        t.after(() => server.close());
        const outcome = await kind.send(clientFor(server)).catch((error) => error);
        if (kind.repeatable) {
          assert.deepEqual(outcome, resolved(kind.path));
        } else {
          assert.equal(outcome.name, 'RefportConnectionError');
          assert.equal(outcome.attempts, 2);
          assert.equal(server.attempts, 2);
        }
      },
    );
  }

  it('`retryAmbiguous: false` does not take a safe repetition away', HANG, async (t) => {
    const server = await startFaultServer([faults.reset()]);
    t.after(() => server.close());
    const sale = callKinds.find(({ name }) => name === 'sale with invoiceId');
    assert.deepEqual(await sale?.send(clientFor(server), { retryAmbiguous: false }), resolved('/api/track/sale'));
    assert.equal(server.attempts, 2);
  });

  for (const invoiceId of [undefined, null, '', 0, 42]) {
    it(`an invoiceId of ${JSON.stringify(invoiceId)} recognises no repetition`, HANG, async (t) => {
      const server = await startFaultServer([faults.reset()]);
      t.after(() => server.close());
      const params = /** @type {any} */ ({ clickId: 'c', customerExternalId: 'u', amount: 1, invoiceId });
      // Refused before sending or sent once: both are right, twice is not.
      await clientFor(server)
        .track.sale(params)
        .catch(() => {});
      assert.ok(server.attempts <= 1, `${server.attempts} requests`);
    });
  }

  it('no header or field is made up to tell repetitions apart', HANG, async (t) => {
    const server = await startFaultServer([faults.respond(429, '', atOnce)]);
    t.after(() => server.close());
    await clientFor(server).track.sale({ clickId: 'c', customerExternalId: 'u', amount: 1 });
    for (const { headers, body } of server.requests) {
      assert.equal(body, '{"clickId":"c","customerExternalId":"u","amount":1}');
      assert.deepEqual(
        Object.keys(headers).filter((name) => /idempotency|invoice|retry/.test(name)),
        [],
      );
    }
  });
});

describe('backoff', { concurrency: true }, () => {
  it('is full jitter: calls that failed together do not come back together', HANG, async (t) => {
    const waits = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const server = await startFaultServer([faults.respond(429)]);
        t.after(() => server.close());
        await callKinds[0].send(clientFor(server));
        const [first, second] = server.requests;
        return second.at - first.at;
      }),
    );
    const sorted = waits.sort((a, b) => a - b);
    // 60 draws from 0…500 ms: one below 250 and a spread of 200 fail to come about less than once in 10^12 runs.
    assert.ok(sorted[0] < 250, `the shortest wait was ${sorted[0]} ms`);
    assert.ok((sorted.at(-1) ?? 0) - sorted[0] > 200, `all waited between ${sorted[0]} and ${sorted.at(-1)} ms`);
  });

  for (const kind of callKinds.filter(({ repeatable }) => repeatable)) {
    for (const [name, fault] of /** @type {const} */ ([
      ['without an answer', faults.stall()],
      [
        'in the middle of the body',
        faults.misframed('half', (answer) => faults.head(200, { 'Content-Length': 999 }) + answer),
      ],
    ])) {
      it(`a retry after a read timeout ${name} comes at least 2 s later · ${kind.name}`, HANG, async (t) => {
        const server = await startFaultServer([fault]);
        t.after(() => server.close());
        const timeout = 1500;
        const client = clientFor(server, { timeout });
        const startedAt = performance.now();
        assert.deepEqual(await kind.send(client), resolved(kind.path));
        // From the call on, not from the first request: a busy server sees that one late.
        const waited = server.requests[1].at - startedAt - timeout;
        assert.ok(waited >= 2000 - SLACK, `${waited} ms`);
      });
    }
  }
});

describe('a timeout before anything was sent', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`in the queue for a connection is retried · ${kind.name}`, HANG, async (t) => {
      // The only connection is taken by a call that gives up after the queued one has been retried.
      const server = await startFaultServer([faults.stall()]);
      t.after(() => server.close());
      const client = clientFor(server, { maxConnections: 1 });
      const abort = new AbortController();
      const blocking = callKinds[2]
        .send(client, { timeout: 30_000, signal: abort.signal, maxRetries: 0 })
        .catch(() => {});
      await server.seen(1);
      const queued = kind.send(client, { timeout: 300, maxRetries: 1 });
      const error = await rejectionOf(queued);
      assert.equal(error.name, 'RefportTimeoutError');
      assert.equal(error.attempts, 2);
      assert.equal(server.requests.length, 1, 'nothing of it was sent');
      abort.abort();
      await blocking;
      assert.deepEqual(await kind.send(client), resolved(kind.path));
    });

    it(`during the TLS handshake is retried · ${kind.name}`, { ...HANG, skip: nativeOnly('handshake') }, async (t) => {
      const authority = await trustedAuthority();
      const server = await startFaultServer([faults.stallOnConnect()], { tls: await authority.usual() });
      t.after(() => server.close());
      const client = clientFor(server, { timeout: 1500, ca: authority.ca });
      assert.deepEqual(await kind.send(client), resolved(kind.path));
      assert.equal(server.requests.length, 1);
    });
  }
});

describe('timeout', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`the call's own wins over the client's · ${kind.name}`, HANG, async (t) => {
      const server = await startFaultServer([faults.stall()]);
      t.after(() => server.close());
      const client = clientFor(server, { timeout: 600_000 });
      const error = await rejectionOf(kind.send(client, { timeout: 200, maxRetries: 0 }));
      assert.equal(error.name, 'RefportTimeoutError');
    });

    it(`closes the connection, so that a late answer is nobody's · ${kind.name}`, HANG, async (t) => {
      const server = await startFaultServer([faults.stall()]);
      t.after(() => server.close());
      await rejectionOf(kind.send(clientFor(server, { timeout: 200, maxRetries: 0 })));
      await server.drained();
    });
  }
});
