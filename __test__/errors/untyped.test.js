'use strict';

// Whatever a method is given, it returns a promise, and what that rejects with is a RefportError.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { inspect } = require('node:util');
const fc = require('fast-check');
const { Refport, RefportError } = require('refport');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { API_KEY } = require('../support/refport-client.js');

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});

const members = (/** @type {string[]} */ ...names) =>
  fc.record(Object.fromEntries(names.map((name) => [name, anything])), { requiredKeys: [] });
const params = fc.oneof(
  anything,
  members('clickId', 'eventName', 'customerExternalId', 'amount', 'metadata', 'invoiceId', 'toJSON'),
  members('tenantId', 'enrollmentId', 'partner'),
);
const options = fc.oneof(anything, members('timeout', 'maxRetries', 'signal', 'headers', 'retryAmbiguous'));
const config = fc.oneof(
  anything,
  members('apiKey', 'baseUrl', 'timeout', 'maxRetries', 'headers', 'proxy', 'ca', 'maxConnections'),
  members('baseUrl', 'timeout', 'maxRetries', 'headers', 'proxy', 'ca', 'maxConnections').map((rest) => ({
    apiKey: API_KEY,
    ...rest,
  })),
);

/** What can be thrown: nothing says that it is an Error, or that it can be looked at. */
const thrown = {
  'an error': () => new Error('out of order'),
  'an error of several lines': () => new TypeError('one\ntwo'),
  nothing: () => undefined,
  null: () => null,
  'a symbol': () => Symbol('why'),
  'a bigint': () => 1n,
  'an object without a prototype': () => Object.create(null),
  'an object that cannot be shown': () => ({
    toString() {
      throw new Error('no');
    },
  }),
  'an error whose message is a getter that throws': () =>
    Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no');
      },
    }),
  'an error whose message is no text': () => Object.assign(new Error('x'), { message: { split: 1 } }),
  'a revoked proxy': () => revoked({}),
  'a frozen error': () => Object.freeze(new Error('frozen')),
};

/** @param {object} target */
function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/**
 * Objects that throw when they are looked at, each in its own way.
 * @type {Record<string, (make: () => unknown) => any>}
 */
const hostile = {
  'getters of every name': (/** @type {() => unknown} */ make) =>
    new Proxy(
      {},
      {
        get: () => fail(make),
        has: () => true,
        ownKeys: () => ['clickId'],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      },
    ),
  ownKeys: (make) => new Proxy({}, { ownKeys: () => fail(make) }),
  getOwnPropertyDescriptor: (make) => new Proxy({ a: 1 }, { getOwnPropertyDescriptor: () => fail(make) }),
  getPrototypeOf: (make) => new Proxy({}, { getPrototypeOf: () => fail(make) }),
  toJSON: (make) => ({ clickId: 'c', toJSON: () => fail(make) }),
  'toJSON deep down': (make) => ({ clickId: 'c', metadata: { a: [{ toJSON: () => fail(make) }] } }),
  'a getter deep down': (make) => ({
    clickId: 'c',
    metadata: Object.defineProperty({}, 'a', { enumerable: true, get: () => fail(make) }),
  }),
};

/**
 * @param {() => unknown} make
 * @returns {never}
 */
function fail(make) {
  throw make();
}

describe('nothing untyped is thrown', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  for (const entry of entries) {
    /**
     * @param {import('../support/endpoints.js').Endpoint} endpoint
     * @param {unknown} givenParams
     * @param {unknown} [givenOptions]
     */
    async function assertTyped(endpoint, givenParams, givenOptions) {
      const client = clientOf(entry, server, { maxRetries: 0 });
      const promise = endpoint.call(client, givenParams, givenOptions);
      assert.ok(promise instanceof Promise);
      const { error } = await entry.outcomeOf(promise);
      if (error === null) return null;
      // Not shown if it is typed: its cause may throw when looked at.
      if (!(error instanceof RefportError)) assert.fail(`not typed: ${inspect(error)}`);
      assert.equal(error.constructor, entry.sdk[error.name]);
      assert.equal(typeof error.message, 'string');
      return error;
    }

    for (const endpoint of endpoints) {
      it(`${entry.name}, ${endpoint.name}: any parameters and options`, async () => {
        await fc.assert(
          fc.asyncProperty(params, fc.option(options, { nil: undefined }), async (...given) => {
            await assertTyped(endpoint, ...given);
          }),
          { numRuns: 150 },
        );
      });

      it(`${entry.name}, ${endpoint.name}: valid parameters and any options`, async () => {
        await fc.assert(
          fc.asyncProperty(options, async (given) => {
            await assertTyped(endpoint, endpoint.params, given);
          }),
          { numRuns: 100 },
        );
      });

      it(`${entry.name}, ${endpoint.name}: parameters and options that throw`, async () => {
        for (const [how, make] of Object.entries(hostile)) {
          for (const [what, makeThrown] of Object.entries(thrown)) {
            const value = make(makeThrown);
            const merged = () => Object.defineProperties({}, Object.getOwnPropertyDescriptors(endpoint.params));
            await assertTyped(endpoint, value);
            await assertTyped(endpoint, endpoint.params, value);
            await assertTyped(endpoint, endpoint.params, { headers: value });
            await assertTyped(endpoint, endpoint.params, { signal: value });
            const error = await assertTyped(endpoint, Object.assign(merged(), { metadata: { value } }));
            if (how === 'toJSON') assert.match(error?.message ?? '', /^metadata cannot be sent as JSON/, what);
          }
        }
        await assertTyped(endpoint, revoked({}));
        await assertTyped(endpoint, revoked([]));
        await assertTyped(endpoint, endpoint.params, revoked({}));
        await assertTyped(endpoint, endpoint.params, { headers: revoked({}), signal: undefined });
        await assertTyped(endpoint, endpoint.params, { signal: revoked({}) });
      });

      it(`${entry.name}, ${endpoint.name}: a signal that throws costs no other call its result`, async () => {
        const throws = () => {
          throw new Error('no');
        };
        const throwing = { aborted: false, addEventListener: throws, removeEventListener: () => {} };
        const clinging = { aborted: false, addEventListener: () => {}, removeEventListener: throws };
        const outcomes = await Promise.all([
          assertTyped(endpoint, endpoint.params, { signal: clinging }),
          assertTyped(endpoint, endpoint.params),
          assertTyped(endpoint, endpoint.params, { signal: throwing }),
          assertTyped(endpoint, endpoint.params),
        ]);
        assert.deepEqual(
          outcomes.map((error) => error?.name ?? 'fine'),
          ['fine', 'fine', 'RefportValidationError', 'fine'],
        );
        assert.match(outcomes[2]?.message ?? '', /signal/);
      });
    }

    it(`${entry.name}: the constructor, given anything`, () => {
      fc.assert(
        fc.property(config, (given) => {
          try {
            new entry.sdk.Refport(given);
          } catch (error) {
            assert.ok(error instanceof RefportError, `not typed: ${inspect(error)}`);
          }
        }),
        { numRuns: 300 },
      );
    });
  }

  it('a client is no less a client for what it was asked before', async () => {
    const client = new Refport({ apiKey: API_KEY, baseUrl: server.url });
    for (let i = 0; i < 100; i++) {
      const wrong = /** @type {any} */ (i);
      await assert.rejects(client.track.lead(wrong), RefportError);
      await assert.rejects(client.track.lead(endpoints[0].params, { signal: wrong }), RefportError);
    }
    assert.deepEqual(await client.track.lead(endpoints[0].params), endpoints[0].answer);
  });
});
