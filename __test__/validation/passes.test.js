'use strict';

// Nothing but the required fields is second-guessed: the API decides.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { inspect } = require('node:util');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

const [lead, sale, token] = endpoints;

const anything = [
  undefined,
  null,
  '',
  'text',
  0,
  -1,
  7.5,
  Number.NaN,
  Infinity,
  true,
  [],
  [1],
  {},
  { a: 1 },
  new Date(0),
  Symbol('s'),
  () => 1,
];
const customer = ['customerEmail', 'customerName', 'customerAvatar', 'metadata'];
const unknown = ['brandNew', 'ClickId', '', '__proto__', 'toString', '😀'];

/** @type {[import('../support/endpoints.js').Endpoint, string[], object][]} */
const optional = [
  [lead, [...customer, ...unknown], lead.params],
  [sale, [...customer, 'currency', 'eventName', 'invoiceId', 'paymentProcessor', ...unknown], sale.params],
  [token, ['enrollmentId', ...unknown], { tenantId: 't' }],
  [token, ['tenantId', ...unknown], { enrollmentId: 'e' }],
  [token, ['tenantId', 'enrollmentId', ...unknown], { partner: { email: 'a@b.test' } }],
];

/** Odd, but there: required fields of the right type, and one of the three that name a partner. */
const valid = [
  ...[
    ' ',
    '0',
    'null',
    '\n',
    '\0',
    '\ud800',
    '😀',
    'x'.repeat(100_000),
    new String('boxed'),
    new Date(0),
    { toJSON: () => 'text' },
  ].flatMap((text) => [
    [lead, { clickId: text, eventName: text, customerExternalId: text }],
    [sale, { clickId: text, customerExternalId: text, amount: 1 }],
    [token, { tenantId: text }],
    [token, { enrollmentId: text }],
    [token, { partner: { email: text } }],
  ]),
  ...[0, -0, -4900, 0.5, 1e21, 1e-7, Number.MAX_VALUE, new Number(7), { toJSON: () => 7 }].map((amount) => [
    sale,
    { ...sale.params, amount },
  ]),
  ...['stripe', 'shopify', 'polar', 'paddle', 'revenuecat', 'custom', 'barter', 7].map((paymentProcessor) => [
    sale,
    { ...sale.params, paymentProcessor },
  ]),
  ...[7, true, [], {}].flatMap((id) => [
    [token, { tenantId: id }],
    [token, { enrollmentId: id }],
  ]),
  [token, { tenantId: 't', partner: null }],
  [token, { tenantId: 't', partner: undefined }],
  [token, { tenantId: '', enrollmentId: 'e' }],
  [token, { tenantId: null, partner: { email: 'no address', name: 7, brandNew: [] } }],
];

describe('what is left to the API', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  for (const entry of entries) {
    /** @param {[endpoint: import('../support/endpoints.js').Endpoint, params: any][]} calls */
    async function assertSent(calls) {
      server.requests.length = 0;
      const client = clientOf(entry, server, { maxConnections: 1 });
      const outcomes = calls.map(([endpoint, params]) => entry.outcomeOf(endpoint.call(client, params)));
      for (const [index, { error }] of (await Promise.all(outcomes)).entries()) {
        assert.equal(error, null, inspect(calls[index][1]));
      }
      assert.deepEqual(
        server.requests.map(({ body }) => body.toString()),
        calls.map(([, params]) => JSON.stringify(params)),
      );
    }

    for (const [endpoint, names, params] of optional) {
      it(`${entry.name}, ${endpoint.name}: optional and unknown fields next to ${Object.keys(params)}`, async () => {
        const withField = (/** @type {string} */ name, /** @type {unknown} */ value) =>
          Object.defineProperty({ ...params }, name, { value, enumerable: true });
        await assertSent(
          names.flatMap((name) =>
            anything.map((value) => /** @type {[typeof endpoint, any]} */ ([endpoint, withField(name, value)])),
          ),
        );
      });
    }

    it(`${entry.name}: required fields of the right type, whatever they say`, async () => {
      await assertSent(/** @type {any} */ (valid));
    });

    it(`${entry.name}: a BigInt, for who has taught it to be JSON`, async (t) => {
      const prototype = /** @type {any} */ (BigInt.prototype);
      t.after(() => delete prototype.toJSON);
      prototype.toJSON = function () {
        return Number(this);
      };
      await assertSent([[sale, { ...sale.params, amount: 4900n }]]);
    });
  }
});
