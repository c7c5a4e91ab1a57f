'use strict';

// The result entry: the same outcomes as the main entry, as { data, error }, and never a rejection.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { Refport } = require('refport/result');
const { callKinds } = require('../support/call-kinds.js');
const { closedPort } = require('../support/fault-server.js');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { API_KEY } = require('../support/refport-client.js');

const [main, result] = entries;

/**
 * Ways for a call to fail: what the server answers, the client's options, the call's, and the parameters.
 *
 * @typedef {import('../support/recording-server.js').Answer} Answer
 * @type {Record<string, { answer?: Answer | Promise<Answer>, client?: object, options?: object, params?: unknown }>}
 */
const failures = {
  'refused by the API': {
    answer: { status: 400, body: '{"error":{"code":"INVALID_CLICK_ID","message":"No such click"}}' },
  },
  'not authorized': { answer: { status: 401, headers: { 'X-Request-Id': 'req_1' } } },
  'not found': { answer: { status: 404 } },
  'too many requests': { answer: { status: 429, headers: { 'Retry-After': '7' } }, client: { maxRetries: 0 } },
  'a broken gateway': { answer: { status: 502, body: '<html>' }, client: { maxRetries: 0 } },
  'a success that is none': { answer: { body: '[]' } },
  'a redirect': { answer: { status: 302, headers: { Location: 'http://elsewhere.test/' } } },
  'no parameters': { params: undefined },
  'parameters that are not valid': { params: {} },
  'parameters that JSON cannot hold': { params: { clickId: 1n } },
  'options that are not valid': { options: { timeout: -1 } },
  'aborted before': { options: { signal: AbortSignal.abort('enough') } },
  'out of time': { answer: new Promise(() => {}), options: { timeout: 1, maxRetries: 0 } },
};

describe('refport/result', () => {
  /** @type {any} */
  let answer;
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(() => answer);
  });
  after(() => server.close());

  /**
   * What an error tells, but for the moment it was made.
   *
   * @param {any} error
   * @param {Error} inherited the same one, for what is not its own
   */
  const told = ({ stack: _stack, headers, cause, ...error }, { name, message }) => ({
    ...error,
    name,
    message,
    headers: headers && Object.keys(headers).sort(),
    cause: cause?.message ?? cause,
  });

  for (const endpoint of endpoints) {
    it(`${endpoint.name}: data of a success`, async () => {
      answer = { body: JSON.stringify({ ...endpoint.answer, brandNew: [1] }) };
      const expected = await endpoint.call(clientOf(main, server), endpoint.params);
      const outcome = await endpoint.call(clientOf(result, server), endpoint.params);
      assert.deepStrictEqual(outcome, { data: expected, error: null });
      assert.deepEqual(Object.keys(outcome), ['data', 'error']);
    });

    for (const [name, failure] of Object.entries(failures)) {
      it(`${endpoint.name}: ${name} is the error that refport throws`, async () => {
        answer = failure.answer;
        const params = 'params' in failure ? failure.params : endpoint.params;
        const thrown = await endpoint.call(clientOf(main, server, failure.client), params, failure.options).then(
          () => assert.fail('it did not throw'),
          (error) => error,
        );
        const outcome = await endpoint.call(clientOf(result, server, failure.client), params, failure.options);
        assert.deepEqual(Object.keys(outcome), ['data', 'error']);
        assert.equal(outcome.data, null);
        assert.ok(outcome.error instanceof main.sdk.RefportError);
        assert.equal(outcome.error.constructor, thrown.constructor);
        assert.deepStrictEqual(told(outcome.error, outcome.error), told(thrown, thrown));
      });
    }
  }

  it('track.lead: null is data too', async () => {
    answer = { body: 'null' };
    assert.deepStrictEqual(await clientOf(result, server).track.lead(endpoints[0].params), { data: null, error: null });
  });

  it('nobody there', async () => {
    const client = new Refport({ apiKey: API_KEY, baseUrl: `http://127.0.0.1:${await closedPort()}`, maxRetries: 0 });
    for (const kind of callKinds) {
      const { data, error } = await kind.send(client);
      assert.deepEqual([data, error.name, error.status], [null, 'RefportConnectionError', 0]);
    }
  });

  it('aborted on the way', async () => {
    answer = new Promise(() => {});
    for (const endpoint of endpoints) {
      const controller = new AbortController();
      const call = endpoint.call(clientOf(result, server), endpoint.params, { signal: controller.signal });
      setImmediate(() => controller.abort('changed my mind'));
      const { data, error } = await call;
      assert.deepEqual([data, error.name, error.cause], [null, 'RefportAbortError', 'changed my mind']);
    }
  });

  it('the constructor throws all the same', () => {
    assert.throws(() => new Refport({ apiKey: '' }), main.sdk.RefportAuthError);
    assert.throws(() => new Refport({ apiKey: API_KEY, baseUrl: 'nonsense' }), main.sdk.RefportValidationError);
  });
});
