// What fails: the errors, time, and trying again.

import assert from 'node:assert/strict';
import * as diagnostics from 'node:diagnostics_channel';
import * as refport from 'refport';
import { leadParams, withSandbox } from './checks-api.mjs';

/** @type {Record<string, unknown>} */
const classes = { ...refport };
const { Refport } = refport;

/**
 * Answers of the API and the class and code that they have to become.
 * @type {[answer: { status: number, code?: string }, name: string, code: string][]}
 */
const answers = [
  [{ status: 401 }, 'RefportAuthError', 'UNAUTHORIZED'],
  [{ status: 400, code: 'INVALID_CLICK_ID' }, 'RefportValidationError', 'INVALID_CLICK_ID'],
  [{ status: 422 }, 'RefportValidationError', 'VALIDATION_ERROR'],
  [{ status: 404 }, 'RefportNotFoundError', 'NOT_FOUND'],
  [{ status: 429 }, 'RefportRateLimitError', 'RATE_LIMIT_EXCEEDED'],
  [{ status: 418, code: 'TEAPOT' }, 'RefportError', 'TEAPOT'],
];

export const areas = {
  'typed errors': {
    'of the API': () =>
      withSandbox(
        async (client, sandbox) => {
          for (const [answer, name, code] of answers) {
            sandbox.fail({ ...answer, message: 'why' });
            const error = await client.track.lead(leadParams(sandbox)).then(
              () => assert.fail('it did not fail'),
              (thrown) => thrown,
            );
            assert.equal(error.constructor, classes[name]);
            assert.ok(error instanceof refport.RefportError && error instanceof Error);
            const { status, attempts } = error;
            assert.deepEqual(
              [error.name, error.code, error.message, status, attempts],
              [name, code, 'why', answer.status, 1],
            );
          }
        },
        {},
        { maxRetries: 0 },
      ),
    'before sending': () =>
      withSandbox(async (client, sandbox) => {
        const wrong = client.track.lead(/** @type {any} */ ({ clickId: sandbox.clickId, eventName: 'Sign up' }));
        await assert.rejects(wrong, { name: 'RefportValidationError', status: 422, message: /customerExternalId/ });
        /** @type {Record<string, unknown>} */
        const cycle = {};
        cycle.self = cycle;
        const unsendable = client.track.lead({ ...leadParams(sandbox), metadata: cycle });
        await assert.rejects(unsendable, refport.RefportValidationError);
        assert.equal(sandbox.requests.length, 0);
      }),
    'of the constructor': () => {
      assert.throws(() => new Refport({ apiKey: '' }), refport.RefportAuthError);
      assert.throws(() => new Refport({ apiKey: 'key', timeout: -1 }), {
        name: 'RefportValidationError',
        message: /timeout/,
      });
    },
    'nobody listens': async () => {
      const client = new Refport({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 });
      const call = client.embedTokens.create({ tenantId: 't' });
      await assert.rejects(call, { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 0, attempts: 1 });
    },
    'not JSON': () =>
      withSandbox(
        async (client, sandbox) => {
          sandbox.reply({ body: '<html>', headers: { 'content-type': 'text/html' } });
          const call = client.embedTokens.create({ tenantId: 't' });
          await assert.rejects(call, { constructor: refport.RefportError, code: 'INVALID_RESPONSE', status: 200 });
        },
        {},
        { maxRetries: 0 },
      ),
  },
  'timeout and abort': {
    timeout: () =>
      withSandbox(async (client, sandbox) => {
        sandbox.delay({ ms: 30_000 });
        const call = client.track.lead(leadParams(sandbox), { timeout: 50, maxRetries: 0 });
        await assert.rejects(call, { name: 'RefportTimeoutError', code: 'TIMEOUT' });
      }),
    abort: () =>
      withSandbox(async (client, sandbox) => {
        sandbox.delay({ ms: 30_000 });
        const abort = new AbortController();
        const call = client.track.lead(leadParams(sandbox), { signal: abort.signal });
        await Promise.race([sandbox.waitForRequest(), call]);
        const reason = new Error('enough');
        abort.abort(reason);
        await assert.rejects(call, (error) => error instanceof refport.RefportAbortError && error.cause === reason);
      }),
  },
  retries: {
    'a refusal is tried again': () =>
      withSandbox(async (client, sandbox) => {
        sandbox.fail({ status: 429, retryAfter: 0 });
        assert.ok(await client.track.lead(leadParams(sandbox)));
        assert.equal(sandbox.requests.length, 2);
      }),
    'what may have been counted is not': () =>
      withSandbox(async (client, sandbox) => {
        sandbox.drop({ when: 'after' });
        const call = client.track.sale({ clickId: sandbox.clickId, customerExternalId: 'u', amount: 1 });
        await assert.rejects(call, refport.RefportConnectionError);
        assert.equal(sandbox.sales.length, 1);
      }),
    'a sale with an invoice is, and counts once': () =>
      withSandbox(async (client, sandbox) => {
        sandbox.drop({ when: 'after' });
        const params = { clickId: sandbox.clickId, customerExternalId: 'u', amount: 1, invoiceId: 'in_1' };
        assert.equal((await client.track.sale(params)).sale.invoiceId, 'in_1');
        assert.deepEqual([sandbox.requests.length, sandbox.sales.length], [2, 1]);
      }),
  },
  diagnostics_channel: {
    'a call is seen': () =>
      withSandbox(async (client, sandbox) => {
        /** @type {string[]} */
        const seen = [];
        const channel = diagnostics.tracingChannel('refport:request');
        // Node's types ask for a listener to every event.
        const listeners = /** @type {any} */ ({
          start: (/** @type {refport.RefportRequestMessage} */ message) => seen.push(message.path),
          asyncEnd: () => seen.push('end'),
        });
        channel.subscribe(listeners);
        await client.track.lead(leadParams(sandbox));
        channel.unsubscribe(listeners);
        assert.deepEqual(seen, ['/api/track/lead', 'end']);
      }),
  },
};
