'use strict';

// One string for Stripe's client_reference_id, which takes 200 characters of A-Z, a-z, 0-9, _ and -.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { RefportValidationError } = require('refport');
const { attributionFromReference, attributionReference } = require('refport/webhooks');

const ALPHABET = /^[\w-]{1,200}$/;

test('is within the alphabet, and read back', () => {
  const who = { clickId: 'click/ada 7ü', customerExternalId: 'grace_hopper@example.com' };
  const reference = attributionReference(who);
  assert.match(reference ?? '', ALPHABET);
  assert.deepEqual(attributionFromReference(reference), who);
});

test('any click and customer that fit come back, and no others are made', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: fc.constantFrom('_', '-', '2', 'F', 'ü', '✓', '%', "'") }),
  );
  fc.assert(
    fc.property(text, text, (clickId, customerExternalId) => {
      fc.pre(customerExternalId !== '' && encodeURIComponent(customerExternalId).length <= 36);
      const reference = attributionReference({ clickId, customerExternalId });
      if (clickId === '') return assert.equal(reference, undefined);
      if (reference === undefined) return assert.ok(encodeURIComponent(clickId).length > 24);
      assert.match(reference, ALPHABET);
      assert.deepEqual(attributionFromReference(reference), { clickId, customerExternalId });
    }),
    { numRuns: 2000 },
  );
});

test('two ids of the longest usual kind fit', () => {
  const uuid = '0b5d7a0e-6c3c-4a5e-9d57-3e1f9c1c8d11';
  const who = { clickId: uuid, customerExternalId: uuid };
  assert.deepEqual(attributionFromReference(attributionReference(who)), who);
});

test('is missing without a click, or with one that no reference can hold: a cookie can hold anything', () => {
  for (const clickId of [null, undefined, '', 'x'.repeat(190), 'ü'.repeat(40), '\ud800']) {
    assert.equal(attributionReference({ clickId, customerExternalId: 'user_1' }), undefined);
  }
});

test('a customer that no reference can hold is named', () => {
  for (const customerExternalId of [undefined, '', 7, 'x'.repeat(121), '_'.repeat(41), '\ud800']) {
    assert.throws(
      // @ts-expect-error It has to be a string.
      () => attributionReference({ clickId: 'click_1', customerExternalId }),
      (error) => error instanceof RefportValidationError && /^customerExternalId /.test(error.message),
    );
  }
  assert.ok(attributionReference({ clickId: 'c', customerExternalId: 'x'.repeat(120) }));
});

test('null for what is no reference', () => {
  for (const value of [
    undefined,
    null,
    '',
    'user_1',
    'refp__a',
    'refp__a__b__c',
    'refp___FF__b',
    7,
    {},
    'x'.repeat(1_000_000),
  ]) {
    assert.equal(attributionFromReference(/** @type {any} */ (value)), null);
  }
});
