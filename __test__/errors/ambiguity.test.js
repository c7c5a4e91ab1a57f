'use strict';

// `ambiguous` and `retryable`: what a failure means to a queue that holds the call. Every kind of failure against every kind
// of call; none of them is retried here, so that its error is about one request.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { isFetch } = require('../support/engine.js');
const { callKinds } = require('../support/call-kinds.js');
const faults = require('../support/fault-behaviours.js');
const { closedPort, startFaultServer } = require('../support/fault-server.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { createAuthority } = require('../support/tls-certificates.js');

/** @typedef {import('../support/fault-behaviours.js').Fault} Fault */

/** @param {string} name */
function callKind(name) {
  const found = callKinds.find((kind) => kind.name === name);
  assert.ok(found, name);
  return found;
}

/** By what the API can know of them: a sale with an invoice and an embed token may be sent again whatever happened. */
const kinds = [
  { name: 'lead', again: false },
  { name: 'lead with retryAmbiguous', again: false },
  { name: 'sale without invoiceId', again: false },
  { name: 'sale with invoiceId', again: true },
  { name: 'embed token', again: true },
].map(({ name, again }) => ({ again, ...callKind(name) }));

const cut = faults.misframed('cut', (body) => faults.head(200, { 'Content-Length': body.length + 9 }) + body, 'end');

const silence = faults.stall();
/** Milliseconds for an attempt that is to run out of time, and for those that are not, however busy the machine is. */
const SHORT = isFetch ? 2_000 : 300;
const AMPLE = 50_000;

/** Failures after which the API may have recorded the call. */
const ambiguous = {
  'a reset after the request': faults.reset(),
  'an end after the request': faults.eof(),
  'no answer in time': silence,
  'half an answer': cut,
  'garbage for an answer': faults.raw('garbage', '\0\x01\x02\r\n\r\n', 'end'),
  'a success that is not what was promised': faults.respond(200, '<html>'),
  408: faults.respond(408),
  500: faults.respond(500),
  502: faults.respond(502),
  '503 without Retry-After': faults.respond(503),
  504: faults.respond(504),
  524: faults.respond(524),
};

/** What was not processed, and may be later. */
const refused = {
  429: faults.respond(429),
  '503 with Retry-After': faults.respond(503, '', { 'Retry-After': '1' }),
};

/** Answers of a gateway whose service is away: not processed, and a matter of minutes. */
const away = {
  'an empty 404': faults.respond(404),
  'a 404 with a page': faults.respond(404, '<html>'),
  "a 404 with JSON that is not the API's": faults.respond(404, '{"error":"no route"}'),
  'an empty 405': faults.respond(405),
  // Node's own fetch repeats the request after a 421, and the engine fetch cannot tell what became of either.
  ...(isFetch ? {} : { 'an empty 421': faults.respond(421) }),
  'an empty 425': faults.respond(425),
};

/** Answers that another try would get again. */
const final = {
  400: faults.apiError(400, 'INVALID_CLICK_ID', 'No such click'),
  401: faults.apiError(401, 'UNAUTHORIZED', 'No'),
  404: faults.apiError(404, 'NOT_FOUND', 'No'),
  405: faults.apiError(405, 'METHOD_NOT_ALLOWED', 'No'),
  422: faults.apiError(422, 'VALIDATION_ERROR', 'No'),
  'a redirect to another origin': faults.respond(307, '', { Location: 'http://localhost:1/' }),
};

/** @param {import('refport').RefportError} error */
const flagsOf = ({ ambiguous, retryable }) => ({ ambiguous, retryable });

/**
 * @param {import('node:test').TestContext} t
 * @param {Pick<import('../support/call-kinds.js').CallKind, 'send'>} kind
 * @param {Fault[]} script
 */
async function failure(t, kind, script, options = {}) {
  const server = await startFaultServer(script);
  t.after(() => server.close());
  return flagsOf(await rejectionOf(kind.send(clientFor(server, { maxRetries: 0, timeout: AMPLE, ...options }))));
}

for (const kind of kinds) {
  describe(`ambiguous and retryable: ${kind.name}`, { concurrency: true }, () => {
    for (const [name, fault] of Object.entries(ambiguous)) {
      it(`after ${name}`, HANG, async (t) => {
        const timeout = fault === silence ? SHORT : AMPLE;
        assert.deepEqual(await failure(t, kind, [fault], { timeout }), { ambiguous: true, retryable: kind.again });
      });
    }
    for (const [name, fault] of Object.entries(refused)) {
      it(`after ${name}`, HANG, async (t) => {
        assert.deepEqual(await failure(t, kind, [fault]), { ambiguous: false, retryable: true });
      });
    }
    for (const [name, fault] of Object.entries(away)) {
      it(`after ${name}, which the call itself does not repeat`, HANG, async (t) => {
        assert.deepEqual(await failure(t, kind, [fault], { maxRetries: 2 }), { ambiguous: false, retryable: true });
      });
    }
    for (const [name, fault] of Object.entries(final)) {
      it(`after ${name}`, HANG, async (t) => {
        assert.deepEqual(await failure(t, kind, [fault]), { ambiguous: false, retryable: false });
      });
    }

    it('after a refused connection', HANG, async () => {
      const nobody = clientFor({ url: `http://127.0.0.1:${await closedPort()}` }, { maxRetries: 0 });
      assert.deepEqual(flagsOf(await rejectionOf(kind.send(nobody))), { ambiguous: false, retryable: true });
    });

    it('after a certificate that is not trusted', HANG, async (t) => {
      const server = await startFaultServer([], { tls: await (await createAuthority('Somebody else')).usual() });
      t.after(() => server.close());
      const error = await rejectionOf(kind.send(clientFor(server, { maxRetries: 0 })));
      assert.deepEqual(flagsOf(error), { ambiguous: false, retryable: false });
    });

    it('aborted before it was sent', HANG, async (t) => {
      const server = await startFaultServer([faults.stall()]);
      t.after(() => server.close());
      const client = clientFor(server, { maxConnections: 1, timeout: AMPLE });
      const first = new AbortController();
      const second = new AbortController();
      const [busy, queued] = [first, second].map(({ signal }) => rejectionOf(kind.send(client, { signal })));
      await server.seen(1);
      second.abort();
      assert.deepEqual(flagsOf(await queued), { ambiguous: false, retryable: false });
      first.abort();
      assert.deepEqual(flagsOf(await busy), { ambiguous: true, retryable: kind.again });
    });
  });
}

describe('an attempt that may have been recorded makes the call ambiguous', () => {
  const withRetry = { maxRetries: 1 };
  const [lead, , , invoice] = kinds;

  it('although the last one was not processed', HANG, async (t) => {
    const script = [faults.respond(500), faults.respond(429)];
    const asked = { send: (/** @type {unknown} */ client) => lead.send(client, { retryAmbiguous: true }) };
    assert.deepEqual(await failure(t, asked, script, withRetry), { ambiguous: true, retryable: false });
    assert.deepEqual(await failure(t, invoice, script, withRetry), { ambiguous: true, retryable: true });
  });

  it('although the API said no to the last one', HANG, async (t) => {
    const script = [faults.respond(500), faults.apiError(401, 'UNAUTHORIZED', 'No')];
    assert.deepEqual(await failure(t, invoice, script, withRetry), { ambiguous: true, retryable: false });
  });

  it('if it is aborted while it waits for the next attempt', HANG, async (t) => {
    const ended = async (/** @type {Fault} */ fault) => {
      const server = await startFaultServer([fault]);
      t.after(() => server.close());
      const controller = new AbortController();
      const client = clientFor(server, { maxConnections: 1 });
      const call = rejectionOf(invoice.send(client, { signal: controller.signal }));
      // The one connection is free again once the answer has been read.
      await invoice.send(client);
      controller.abort();
      return flagsOf(await call);
    };
    assert.deepEqual(await ended(faults.respond(429, '', { 'Retry-After': '30' })), {
      ambiguous: false,
      retryable: false,
    });
    assert.deepEqual(await ended(faults.respond(500, '', { 'Retry-After': '30' })), {
      ambiguous: true,
      retryable: true,
    });
  });
});

it('what was refused before sending is final', async () => {
  const client = clientFor({ url: 'http://127.0.0.1:1' });
  assert.deepEqual(flagsOf(await rejectionOf(client.track.lead(/** @type {any} */ ({})))), {
    ambiguous: false,
    retryable: false,
  });
  const aborted = rejectionOf(kinds[0].send(client, { signal: AbortSignal.abort() }));
  assert.deepEqual(flagsOf(await aborted), { ambiguous: false, retryable: false });
});
