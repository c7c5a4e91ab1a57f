'use strict';

// The body is JSON.stringify(params), byte for byte, whatever the parameters hold.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const fc = require('fast-check');
const { validParams } = require('../support/arbitraries.js');
const { endpoints } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { clientFor } = require('../support/refport-client.js');

/** Members that are worth a name, added to valid parameters of each endpoint. */
const cases = {
  'no more than what is required': {},
  'numbers as JavaScript writes them': { metadata: [-0, 1e21, 1e-7, 0.1 + 0.2, 5e-324, 123456789012345680000, 1.0] },
  'numbers that JSON has not': { metadata: { nan: Number.NaN, infinite: Infinity } },
  'members that are undefined': {
    customerName: undefined,
    metadata: { a: undefined, b: [undefined, () => 1, Symbol('s')] },
  },
  'dates and what toJSON returns': {
    metadata: {
      at: new Date(0),
      never: new Date(Number.NaN),
      own: { toJSON: (/** @type {string} */ key) => `at ${key}` },
    },
  },
  'half of a surrogate pair in a value': { customerName: 'a\ud800b\udc00' },
  'half of a surrogate pair in a name': { '\ud800': 1, 'x\udfff': { '\udead': '\ud800' }, '\\ud800': 2 },
  'half of a surrogate pair deep down': { metadata: { a: [{ '\ud83d': { '\ude00': ['\ud83d'] } }] } },
  'beyond the BMP': { customerName: '😀 𝒜 \u{10ffff}', '😀': 1 },
  'control characters and separators': {
    customerName: '\0\x01\b\t\n\v\f\r\x1f\x7f\u0080\u2028\u2029',
    '\t\n\r': '\t\n\r',
  },
  'a byte order mark': { '\ufeff': '\ufeff' },
  'fields that nobody knows': { brandNew: { deep: [null, true, {}] }, 0: 'index', __proto__x: 1 },
  'a member called __proto__': JSON.parse('{"__proto__":{"clickId":1},"constructor":2}'),
  'a payment processor that nobody knows': { paymentProcessor: 'barter' },
  'optional fields of other types': {
    customerEmail: 7,
    customerName: null,
    currency: [],
    invoiceId: {},
    metadata: 'text',
  },
  'a map, a set, a typed array, boxed values': {
    metadata: [new Map([[1, 2]]), new Set([1]), new Uint8Array(2), new String('s'), new Number(1)],
  },
  nesting: { metadata: Array.from({ length: 2000 }).reduce((inner) => ({ inner: [inner] }), 'core') },
  'a megabyte of metadata': {
    metadata: { long: 'é😀\u2028"\\'.repeat(100_000), many: Array.from({ length: 20_000 }, (_, i) => i / 7) },
  },
};

describe('the request body', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  /** @type {ReturnType<typeof clientFor>} */
  let client;
  before(async () => {
    server = await startRecordingServer();
    client = clientFor(server);
  });
  after(() => server.close());

  /**
   * @param {import('../support/endpoints.js').Endpoint} endpoint
   * @param {unknown} params
   */
  async function assertSentAsIs(endpoint, params) {
    const expected = Buffer.from(JSON.stringify(params));
    server.requests.length = 0;
    await endpoint.call(client, params);
    assert.equal(server.requests.length, 1);
    const [{ body, headers }] = server.requests;
    assert.ok(body.equals(expected), `sent ${body.subarray(0, 500)}, not ${expected.subarray(0, 500)}`);
    assert.equal(headers['content-length'], String(expected.length));
  }

  for (const endpoint of endpoints) {
    for (const [name, members] of Object.entries(cases)) {
      it(`${endpoint.name}: ${name}`, async () => {
        await assertSentAsIs(endpoint, { ...members, ...endpoint.params });
        await assertSentAsIs(endpoint, { ...endpoint.params, ...members });
      });
    }

    it(`${endpoint.name}: parameters with a toJSON, a prototype or a proxy around them`, async () => {
      class Model {
        toJSON() {
          return { ...endpoint.params, from: 'toJSON' };
        }
      }
      await assertSentAsIs(endpoint, new Model());
      await assertSentAsIs(endpoint, Object.assign(Object.create({ inherited: 1 }), endpoint.params));
      await assertSentAsIs(endpoint, Object.assign(Object.create(null), endpoint.params));
      await assertSentAsIs(endpoint, new Proxy(endpoint.params, {}));
      await assertSentAsIs(endpoint, Object.freeze({ ...endpoint.params }));
    });

    it(`${endpoint.name}: any valid parameters`, async () => {
      await fc.assert(
        fc.asyncProperty(validParams[/** @type {keyof typeof validParams} */ (endpoint.name)], (params) =>
          assertSentAsIs(endpoint, params),
        ),
        { numRuns: 200 },
      );
    });
  }

  for (const half of ['\ud800', '\udfff', 'a\ud83d']) {
    it(`embedTokens.create: ${JSON.stringify(half)} in a name or value of partner`, async () => {
      await assertSentAsIs(endpoints[2], { partner: { [half]: half, email: half, name: { [half]: [half] } } });
    });
  }

  for (const amount of [-0, 0, -4900, 49.5, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER + 2]) {
    it(`track.sale: the amount ${Object.is(amount, -0) ? '-0' : amount}`, async () => {
      await assertSentAsIs(endpoints[1], { ...endpoints[1].params, amount });
    });
  }
});
