'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { RefportValidationError } = require('refport');
const { attribution, saleFromStripe } = require('refport/webhooks');
const { session, stripeEvent } = require('../support/payments/stripe.js');

/** @param {Record<string, string>} metadata @param {object} [options] */
const readBack = (metadata, options) =>
  saleFromStripe(stripeEvent('checkout.session.completed', session({ metadata })), options);

test('is flat, and read back from where it was put', () => {
  const metadata = attribution({ clickId: 'click/ada 7ü', customerExternalId: 'user_7' });
  assert.deepEqual(metadata, { refp_id: 'click/ada 7ü', refp_customer_id: 'user_7' });
  const sale = readBack({ plan: 'pro', ...metadata });
  assert.equal(sale?.clickId, 'click/ada 7ü');
  assert.equal(sale?.customerExternalId, 'user_7');
});

test('is empty without a click', () => {
  for (const clickId of [null, undefined, '']) {
    assert.deepEqual(attribution({ clickId, customerExternalId: 'user_7' }), {});
  }
});

test('a click id that no processor would store does not cost the checkout', () => {
  const clickId = 'x'.repeat(500);
  assert.equal(attribution({ clickId, customerExternalId: 'user_7' }).refp_id, clickId);
  assert.deepEqual(attribution({ clickId: `${clickId}x`, customerExternalId: 'user_7' }), {});
});

test('a customer without id is refused, be there a click or not', () => {
  for (const customerExternalId of [undefined, null, '', 7, 'x'.repeat(501)]) {
    for (const clickId of ['click_1', null]) {
      assert.throws(
        // @ts-expect-error It has to be a string.
        () => attribution({ clickId, customerExternalId }),
        (error) => {
          assert.ok(error instanceof RefportValidationError);
          assert.match(error.message, /^customerExternalId must be .* String\(id\)\.$/);
          return true;
        },
      );
    }
  }
});

test("the caller's own attribution wins over the event's, and makes up for a missing one", () => {
  const own = { clickId: 'click_db', customerExternalId: 'user_db' };
  for (const metadata of [{}, { refp_id: 'click_1', refp_customer_id: 'user_1' }]) {
    const { clickId, customerExternalId } = readBack(metadata, own) ?? {};
    assert.deepEqual({ clickId, customerExternalId }, own);
  }
});

test("a database that knows no click leaves the event's", () => {
  const metadata = { refp_id: 'click_1', refp_customer_id: 'user_1' };
  const sale = readBack(metadata, { clickId: null, customerExternalId: undefined });
  assert.deepEqual([sale?.clickId, sale?.customerExternalId], ['click_1', 'user_1']);
});

test('nobody referred the customer: null', () => {
  assert.equal(readBack({}), null);
  assert.equal(readBack({ refp_id: 'click_1' }), null);
  assert.equal(readBack({ refp_customer_id: 'user_1' }), null);
  assert.equal(readBack({}, { customerExternalId: 'user_1' }), null);
});
