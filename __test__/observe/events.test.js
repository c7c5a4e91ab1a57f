'use strict';

// The tracing channel refport:request: which events a call makes, and what they say.

const assert = require('node:assert/strict');
const { tracingChannel } = require('node:diagnostics_channel');
const { AsyncLocalStorage } = require('node:async_hooks');
const { describe, it } = require('node:test');
const { Refport, RefportConnectionError, RefportError, RefportRateLimitError } = require('refport');
const { callEvents } = require('../support/call-events.js');
const { endpoints } = require('../support/endpoints.js');
const { closedPort } = require('../support/fault-server.js');
const { LEAD, SALE, startSandbox } = require('../support/sandbox.js');

const SUCCESS = ['start', 'end', 'asyncStart', 'asyncEnd'];
const FAILURE = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];

const names = (/** @type {ReturnType<typeof callEvents>} */ seen) => seen.map(({ event }) => event);

describe('the channel refport:request', () => {
  for (const { name, path, call } of endpoints) {
    it(`${name}: follows a call that succeeds`, async (t) => {
      const { sandbox } = await startSandbox(t, { latency: 20 });
      const seen = callEvents(t);
      const params = { ...SALE, eventName: 'Sign up', tenantId: 'ada' };
      await call(new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url }), params);

      assert.deepEqual(names(seen), SUCCESS);
      const [start, end, asyncStart, asyncEnd] = seen;
      for (const { message } of seen) assert.equal(message, start.message, 'one object accompanies the call');
      const before = { method: 'POST', path, headers: {}, attempt: 0, status: 0, duration: 0 };
      assert.deepEqual(start.now, before);
      assert.deepEqual(end.now, before);
      const { duration, ...rest } = asyncEnd.now;
      assert.deepEqual(rest, { method: 'POST', path, headers: {}, attempt: 1, status: 200 });
      assert.ok(duration >= 20, `${duration} ms`);
      assert.deepEqual(asyncStart.now, asyncEnd.now);
    });
  }

  it('counts attempts, and waits between them as time', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t);
    sandbox.fail({ status: 503, times: 2, retryAfter: 0.05 });
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    await refport.track.sale({ ...SALE, invoiceId: 'inv_1' });

    assert.deepEqual(names(seen), SUCCESS);
    const { attempt, status, duration } = seen[3].now;
    assert.deepEqual({ attempt, status }, { attempt: 3, status: 200 });
    assert.ok(duration > 0);
    assert.equal(sandbox.requests.length, 3);
  });

  it('says why a call failed', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t);
    sandbox.fail({ status: 429, times: 2, retryAfter: 0 });
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url, maxRetries: 1 });
    await assert.rejects(refport.track.lead(LEAD), RefportRateLimitError);

    assert.deepEqual(names(seen), FAILURE);
    const { error, attempt, status } = seen[2].now;
    assert.ok(error instanceof RefportRateLimitError);
    assert.deepEqual([error.status, error.code, error.attempts], [429, 'RATE_LIMIT_EXCEEDED', 2]);
    assert.deepEqual([attempt, status], [2, 429]);
    assert.equal(seen[4].now.error, error);
  });

  it('says that there was no response', async (t) => {
    const seen = callEvents(t);
    const baseUrl = `http://127.0.0.1:${await closedPort()}`;
    const refport = new Refport({ apiKey: 'key', baseUrl, maxRetries: 0 });
    await assert.rejects(refport.track.lead(LEAD), RefportConnectionError);

    assert.deepEqual(names(seen), FAILURE);
    const { error, attempt, status } = seen[4].now;
    assert.ok(error instanceof RefportConnectionError);
    assert.deepEqual([attempt, status], [1, 0]);
  });

  it('says that nothing was sent', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t);
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    await assert.rejects(refport.track.lead(/** @type {any} */ ({ clickId: 'click_1' })), RefportError);

    assert.deepEqual(names(seen), FAILURE);
    const { error, attempt, status } = seen[4].now;
    assert.deepEqual([error.code, attempt, status], ['VALIDATION_ERROR', 0, 0]);
    assert.equal(sandbox.requests.length, 0);
  });

  it('ends for a call of a closed client', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t);
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    await refport.close();
    await assert.rejects(refport.track.lead(LEAD), { code: 'CLOSED' });

    assert.deepEqual(names(seen), FAILURE);
    assert.equal(seen[4]?.now.error?.code, 'CLOSED');
  });

  it('ends for a call whose headers cannot be sent', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t, { start: ({ headers }) => Object.assign(headers, { host: 'elsewhere.test' }) });
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    await assert.rejects(refport.track.lead(LEAD), { code: 'VALIDATION_ERROR' });

    assert.deepEqual(names(seen), FAILURE);
    assert.equal(sandbox.requests.length, 0);
  });

  it('tells calls that overlap apart', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t);
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    await Promise.all([refport.track.lead(LEAD), refport.track.sale(SALE)]);

    const messages = [...new Set(seen.map(({ message }) => message))];
    assert.deepEqual(
      messages.map(({ path }) => path),
      ['/api/track/lead', '/api/track/sale'],
    );
    for (const one of messages) assert.deepEqual(names(seen.filter(({ message }) => message === one)), SUCCESS);
  });

  it('has ended before its caller learns of it', async (t) => {
    const { sandbox } = await startSandbox(t);
    const seen = callEvents(t);
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    await refport.track.lead(LEAD).then(() => assert.deepEqual(names(seen), SUCCESS));
  });

  it('runs stores that are bound to its start', async (t) => {
    const { sandbox } = await startSandbox(t);
    const { start } = tracingChannel('refport:request');
    const storage = new AsyncLocalStorage();
    start.bindStore(storage, (/** @type {any} */ { path }) => `span of ${path}`);
    t.after(() => start.unbindStore(storage));
    /** @type {unknown[]} */
    const stores = [];
    const subscriber = () => stores.push(storage.getStore());
    start.subscribe(subscriber);
    t.after(() => start.unsubscribe(subscriber));
    await new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url }).track.lead(LEAD);

    assert.deepEqual(stores, ['span of /api/track/lead']);
    assert.equal(storage.getStore(), undefined);
  });
});
