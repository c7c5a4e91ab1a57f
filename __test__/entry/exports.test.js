'use strict';

// The names of the public API, under the names by which users reach the package.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');

const client = [
  'Refport',
  'RefportAbortError',
  'RefportAuthError',
  'RefportConnectionError',
  'RefportError',
  'RefportNotFoundError',
  'RefportRateLimitError',
  'RefportTimeoutError',
  'RefportValidationError',
  'captureClickId',
  'getClickIdFromCookie',
  'getClickIdFromRequest',
];

const entries = {
  refport: client,
  'refport/result': client,
  'refport/outbox': ['Outbox'],
  'refport/outbox/bullmq': ['BullOutbox'],
  'refport/outbox/pg-boss': ['PgOutbox'],
  'refport/testing': ['SandboxError', 'createSandbox'],
  'refport/webhooks': [
    'attribution',
    'attributionFromReference',
    'attributionReference',
    'refundFromPaddle',
    'refundFromPolar',
    'refundFromRevenueCat',
    'refundFromShopify',
    'refundFromStripe',
    'saleFromPaddle',
    'saleFromPolar',
    'saleFromRevenueCat',
    'saleFromShopify',
    'saleFromStripe',
  ],
};

describe('exports', () => {
  for (const [specifier, names] of Object.entries(entries)) {
    it(`${specifier}: these and no others, from require and import`, async () => {
      assert.deepEqual(Object.keys(require(specifier)).sort(), names);
      const isName = (/** @type {string} */ key) => !['default', 'module.exports'].includes(key);
      assert.deepEqual(Object.keys(await import(specifier)).filter(isName), names);
    });
  }

  it('a client has these members and no others', () => {
    for (const { Refport } of [require('refport'), require('refport/result')]) {
      const refport = new Refport({ apiKey: 'rk_1' });
      assert.deepEqual(Reflect.ownKeys(refport), ['track', 'embedTokens']);
      assert.deepEqual(Reflect.ownKeys(refport.track), ['lead', 'sale']);
      assert.deepEqual(Reflect.ownKeys(refport.embedTokens), ['create']);
    }
  });
});
