'use strict';

// What is valid at a glance is valid as it is sent: the quick look at the object agrees with a reading of its JSON text.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { json, text } = require('../support/arbitraries.js');
const { loadSource } = require('../support/source.js');

const { checkParams } = loadSource('lib/client/params.ts');

const value = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'y',
    'in_1',
    7,
    0,
    -0,
    0.5,
    Number.NaN,
    Infinity,
    true,
    null,
    undefined,
    {},
    [],
    new Date(0),
  ),
  fc.constantFrom(
    new String('boxed'),
    new Number(7),
    { toJSON: () => 'x' },
    { toJSON: () => undefined },
    { email: 'a' },
  ),
  text,
);
const names = ['clickId', 'eventName', 'customerExternalId', 'amount', 'invoiceId', 'tenantId', 'partner', 'metadata'];
const params = fc
  .array(fc.record({ name: fc.constantFrom(...names), value, enumerable: fc.boolean() }), { maxLength: 8 })
  .map((fields) => {
    const base = { clickId: 'a', eventName: 'b', customerExternalId: 'c', amount: 1 };
    for (const { name, ...rest } of fields) Object.defineProperty(base, name, { ...rest, configurable: true });
    return base;
  });

/** @param {number} operation @param {unknown} given */
function outcome(operation, given) {
  try {
    const { fields, ...sent } = checkParams(operation, given);
    const { customerExternalId, invoiceId } = fields;
    // Of the fields, those that outboxes read; the others may be in the object alone.
    return { ...sent, customerExternalId, invoiceId: sent.isIdempotent && invoiceId };
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    // Only the object knows NaN and Infinity.
    return { name, message: message.replace(/^amount must be .*/, 'amount') };
  }
}

test('parameters', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 2),
      fc.oneof(
        params,
        json.map((sent) => JSON.parse(sent)),
      ),
      (operation, given) => {
        const sent = JSON.stringify(given);
        // Whatever has a toJSON has no fast path.
        const slow = outcome(operation, { toJSON: () => JSON.parse(sent) });
        if (typeof given !== 'object' || given === null) return assert.equal(outcome(operation, given).text, undefined);
        assert.deepEqual(outcome(operation, given), slow);
      },
    ),
    { numRuns: 5000 },
  );
});
