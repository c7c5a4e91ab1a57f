'use strict';

// A server that says when to come back is obeyed: not earlier, and not at all if that is too long to wait.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { respond } = require('../support/fault-behaviours.js');
const { HANG, resolved } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');

/**
 * @typedef {import('../support/fault-behaviours.js').Fault} Fault
 * @typedef {import('../support/fault-behaviours.js').Headers} Headers
 */

const inSeconds = (/** @type {number} */ seconds) => new Date(Date.now() + seconds * 1000).toUTCString();
/** Clocks of two threads: what was waited may look a little shorter from here. */
const SLACK = 30;

const rateLimited = { name: 'RefportRateLimitError', code: 'RATE_LIMITED', status: 429 };
const unavailable = { name: 'RefportError', code: 'UNKNOWN', status: 503 };

/**
 * Forms that are waited for: the headers, and the least that must pass, in milliseconds.
 * @type {[form: string, headers: () => Headers, least: number][]}
 */
const obeyed = [
  ['seconds', () => ({ 'Retry-After': '1' }), 1000],
  ['a fraction of a second', () => ({ 'Retry-After': '0.8' }), 800],
  ['zero', () => ({ 'Retry-After': '0' }), 0],
  // A date has whole seconds, so up to one of them may already be over.
  ['a date', () => ({ 'Retry-After': inSeconds(2) }), 950],
  ['a date by a clock that is an hour fast', () => ({ Date: inSeconds(3600), 'Retry-After': inSeconds(3602) }), 2000],
  ['a date by a clock that is slow', () => ({ Date: inSeconds(-3600), 'Retry-After': inSeconds(-3599) }), 1000],
  ['a date that has passed', () => ({ 'Retry-After': inSeconds(-100) }), 0],
  ['milliseconds', () => ({ 'Retry-After-Ms': '900' }), 900],
  ['milliseconds that win over seconds', () => ({ 'Retry-After-Ms': '700', 'Retry-After': '3000' }), 700],
  ['milliseconds that make no sense, beside seconds', () => ({ 'Retry-After-Ms': 'x', 'Retry-After': '1' }), 1000],
];

/**
 * Forms that ask for more than a minute: the headers, and the seconds that the error must carry.
 * @type {[form: string, headers: () => Headers, seconds: number][]}
 */
const tooLong = [
  ['61 seconds', () => ({ 'Retry-After': '61' }), 61],
  ['an hour', () => ({ 'Retry-After': '3600' }), 3600],
  ['a date in ten minutes', () => ({ 'Retry-After': inSeconds(600) }), 600],
  ['a year, which counts as an hour', () => ({ 'Retry-After': '31536000' }), 3600],
  ['a number of 17 digits, which counts as an hour', () => ({ 'Retry-After': '12345678901234567' }), 3600],
  [
    'a date in the year 5195, which counts as an hour',
    () => ({ 'Retry-After': 'Sun, 31 Dec 5195 23:59:59 GMT' }),
    3600,
  ],
  ['60001 milliseconds', () => ({ 'Retry-After-Ms': '60001' }), 60.001],
];

/**
 * Forms that say nothing: ordinary backoff, and no `retryAfter`.
 *
 * @type {[form: string, headers: Headers][]}
 */
const senseless = [
  ['none', {}],
  ['a word', { 'Retry-After': 'soon' }],
  ['a negative number', { 'Retry-After': '-5' }],
  ['an exponent', { 'Retry-After': '1e3' }],
  ['NaN', { 'Retry-After': 'NaN' }],
  ['nothing after the colon', { 'Retry-After': '' }],
  ['a date that is none', { 'Retry-After': 'Mon, 99 Foo 2026 25:61:61 GMT' }],
  ['negative milliseconds', { 'Retry-After-Ms': '-1' }],
];

/**
 * Computed as it is sent: a date says something else a second later.
 *
 * @param {number} status
 * @param {() => Headers} headers
 * @returns {Fault}
 */
const sending = (status, headers) => ({
  name: `${status} with Retry-After`,
  onRequest: (exchange) => respond(status, '', headers()).onRequest(exchange),
});

/** @param {import('node:test').TestContext} t @param {Fault[]} script */
const starting = async (t, script) => {
  const server = await startFaultServer(script);
  t.after(() => server.close());
  return server;
};

describe('Retry-After', { concurrency: true }, () => {
  for (const [status, error] of /** @type {const} */ ([
    [429, rateLimited],
    [503, unavailable],
  ])) {
    for (const kind of callKinds) {
      for (const [form, headers, least] of obeyed) {
        it(`${status}, ${form}: waited for · ${kind.name}`, HANG, async (t) => {
          const server = await starting(t, [sending(status, headers)]);
          assert.deepEqual(await kind.send(clientFor(server)), resolved(kind.path));
          const [first, second] = server.requests;
          assert.equal(server.attempts, 2);
          const waited = second.at - first.at;
          assert.ok(waited >= least - SLACK, `waited ${waited} ms`);
        });
      }

      for (const [form, headers, seconds] of tooLong) {
        it(`${status}, ${form}: returned at once with retryAfter · ${kind.name}`, HANG, async (t) => {
          const server = await starting(t, [sending(status, headers)]);
          const failure = await rejectionOf(kind.send(clientFor(server)));
          // A date is nearer by the time that the answer took to be read, and has whole seconds.
          const passed = (performance.now() - server.requests[0].at) / 1000;
          assertError(failure, error);
          const { retryAfter = Number.NaN } = failure;
          assert.ok(retryAfter <= seconds && retryAfter >= seconds - passed - 1, `retryAfter ${retryAfter}`);
          assert.equal(failure.attempts, 1);
          assert.equal(server.attempts, 1);
        });
      }
    }
  }

  for (const kind of callKinds) {
    for (const [form, headers] of senseless) {
      it(`429, ${form}: ordinary backoff · ${kind.name}`, HANG, async (t) => {
        const server = await starting(t, [respond(429, '', headers), respond(429, '', headers)]);
        const failure = await rejectionOf(kind.send(clientFor(server, { maxRetries: 1 })));
        assertError(failure, rateLimited);
        assert.equal(failure.retryAfter, undefined);
        assert.equal(failure.attempts, 2);
        assert.equal(server.attempts, 2);
      });
    }

    it(`503, with a form that says nothing, is ambiguous · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, [respond(503, '', { 'Retry-After': 'soon' })]);
      const outcome = await kind.send(clientFor(server)).catch((failure) => failure);
      assert.equal(server.attempts, kind.repeatable ? 2 : 1);
      if (!kind.repeatable) assertError(outcome, unavailable);
    });

    it(`a short wait is carried by the error that ends the retries · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, [respond(429, '', { 'Retry-After-Ms': '250' })]);
      const failure = await rejectionOf(kind.send(clientFor(server, { maxRetries: 0 })));
      assertError(failure, rateLimited);
      assert.equal(failure.retryAfter, 0.25);
    });
  }

  it('belongs to the answer that sent it, not to those after', HANG, async (t) => {
    const server = await starting(t, [respond(429, '', { 'Retry-After-Ms': '1' }), respond(400)]);
    const failure = await rejectionOf(callKinds[0].send(clientFor(server)));
    assert.equal(failure.status, 400);
    assert.equal(failure.attempts, 2);
    assert.equal(failure.retryAfter, undefined);
  });
});
