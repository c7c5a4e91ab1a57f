'use strict';

// What the API could only refuse is refused before it is sent, by the name of the field.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { inspect } = require('node:util');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { assertError } = require('../support/refport-client.js');

const [lead, sale, token] = endpoints;

const left = [undefined, () => 'text', Symbol('text')];
const noTexts = [
  ...left,
  null,
  '',
  0,
  7,
  Number.NaN,
  true,
  false,
  [],
  ['text'],
  {},
  { toJSON: () => 7 },
  new Date(Number.NaN),
  new String(''),
];
const noAmounts = [
  ...left,
  null,
  Number.NaN,
  Infinity,
  -Infinity,
  '',
  '4900',
  true,
  [],
  [4900],
  {},
  { toJSON: () => '4900' },
  new Date(0),
  new Number(Number.NaN),
];
const noPartners = ['text', '', 7, 0, true, false, [], [{ email: 'a@b.test' }], new Date(0)];

/** Field, what its message must name, values it cannot have, and parameters around it. */
const fields = [
  ...['clickId', 'eventName', 'customerExternalId'].map((field) => [lead, field, field, noTexts, lead.params]),
  ...['clickId', 'customerExternalId'].map((field) => [sale, field, field, noTexts, sale.params]),
  [sale, 'amount', 'amount', noAmounts, sale.params],
  [token, 'partner', 'partner', noPartners, {}],
  [token, 'partner', 'partner', noPartners, { tenantId: 't', enrollmentId: 'e' }],
  [token, 'partner', 'partner\\.email', noTexts.map((email) => ({ email })), {}],
  [
    token,
    'partner',
    'partner\\.email',
    [{}, { name: 'Ada' }, { EMAIL: 'a@b.test' }, Object.create({ email: 'a@b.test' })],
    token.params,
  ],
  ...['tenantId', 'enrollmentId', 'partner'].map((name) => [
    token,
    'unknown',
    name,
    [undefined, 'text'],
    { tenantId: '', enrollmentId: null, partner: null },
  ]),
  ...['tenantId', 'enrollmentId', 'partner'].map((name) => [token, 'tenantId', name, [undefined, null, ''], {}]),
];

/** Nothing that has fields of its own, or can be sent as a JSON object. */
const noParams = [
  undefined,
  null,
  7,
  Number.NaN,
  'text',
  '{"clickId":"c"}',
  '',
  true,
  1n,
  Symbol('params'),
  () => ({}),
  class {},
  [],
  [{ clickId: 'c' }],
  new Date(0),
  new String('text'),
  new Number(7),
  new Boolean(true),
  { toJSON: () => undefined },
  { toJSON: () => null },
  { toJSON: () => 'text' },
  { toJSON: () => [] },
];

/** Objects without anything to send. */
const noFields = [
  {},
  new Map([['clickId', 'c']]),
  new Set(),
  Promise.resolve({}),
  /x/,
  new Error('x'),
  Object.create({ clickId: 'c' }),
  new (class {})(),
];

describe('parameters that cannot be meant', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  // Of all the calls in this file, none may have reached the server.
  after(async () => {
    assert.deepEqual([server.connections, server.requests.length], [0, 0]);
    await server.close();
  });

  for (const entry of entries) {
    /**
     * @param {import('../support/endpoints.js').Endpoint} endpoint
     * @param {unknown} params
     */
    async function refusalOf(endpoint, params) {
      const { data, error } = await entry.outcomeOf(endpoint.call(clientOf(entry, server), params));
      assert.equal(data, null);
      assert.ok(error, `${inspect(params)} passed`);
      assertError(error, { name: 'RefportValidationError', code: 'VALIDATION_ERROR', status: 422 });
      assert.equal(error.constructor, entry.sdk.RefportValidationError);
      assert.deepEqual(
        [error.attempts, error.headers, error.body, error.requestId],
        [0, undefined, undefined, undefined],
      );
      return error;
    }

    for (const [endpoint, field, named, values, params] of fields) {
      it(`${entry.name}, ${endpoint.name}: ${field} of ${inspect(params)} (${named})`, async () => {
        for (const value of values) {
          const given = { ...params, [field]: value };
          const { message } = await refusalOf(endpoint, given);
          assert.match(message, new RegExp(`\\b${named}\\b`), inspect(given));
        }
      });
    }

    for (const { name, params } of [lead, sale]) {
      for (const field of Object.keys(params)) {
        it(`${entry.name}, ${name}: no ${field} at all`, async () => {
          const { [field]: _left, ...rest } = params;
          const endpoint = endpoints.find((one) => one.name === name) ?? assert.fail(name);
          assert.match((await refusalOf(endpoint, rest)).message, new RegExp(`^${field} is required`));
          assert.match(
            (await refusalOf(endpoint, { ...rest, [field.toUpperCase()]: 'c' })).message,
            new RegExp(`^${field} is required`),
          );
        });
      }
    }

    for (const endpoint of endpoints) {
      it(`${entry.name}, ${endpoint.name}: no object`, async () => {
        for (const params of noParams) {
          assert.match((await refusalOf(endpoint, params)).message, /^params must be an object/, inspect(params));
        }
        const none = endpoint.call(clientOf(entry, server), undefined, undefined);
        assert.equal((await entry.outcomeOf(none)).error.status, 422);
      });

      it(`${entry.name}, ${endpoint.name}: an object without fields`, async () => {
        for (const params of noFields) {
          assert.match(
            (await refusalOf(endpoint, params)).message,
            endpoint === token ? /tenantId/ : /^clickId is required/,
          );
        }
      });
    }
  }
});
