'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { saleFromRevenueCat } = require('refport/webhooks');
const { attribute, purchase } = require('../support/payments/revenuecat.js');

/** As the body of a request arrives. */
const sale = (more = {}, options = {}) => saleFromRevenueCat(JSON.parse(JSON.stringify(purchase(more))), options);

test('a purchase, a renewal, a purchase that does not renew', () => {
  const expected = {
    clickId: 'click_1',
    customerExternalId: 'user_1',
    // 4.99 less a fifth for tax.
    amount: 399,
    currency: 'eur',
    invoiceId: '100000000000000',
    paymentProcessor: 'revenuecat',
  };
  assert.deepEqual(sale(), expected);
  const renewal = { type: 'RENEWAL', is_trial_conversion: false, transaction_id: '100000000000001' };
  assert.deepEqual(sale(renewal), { ...expected, invoiceId: '100000000000001' });
  assert.deepEqual(sale({ type: 'NON_RENEWING_PURCHASE' }), expected);
});

test('the amount is without the tax where that is known, or everything that was paid', () => {
  assert.equal(sale({ tax_percentage: null })?.amount, 499);
  assert.equal(sale({}, { amount: 'total' })?.amount, 499);
});

test('the amount is in the smallest unit of the currency of the purchase, exactly', () => {
  /** @type {[currency: string, price: number, amount: number][]} */
  const prices = [
    ['JPY', 4900, 4900],
    ['KWD', 4.9, 4900],
    ['USD', 4.99, 499],
    ['USD', 1.1, 110],
    ['ISK', 500, 500],
  ];
  for (const [currency, price, amount] of prices) {
    const more = { currency, price_in_purchased_currency: price, tax_percentage: 0 };
    assert.equal(sale(more)?.amount, amount, `${price} ${currency}`);
  }
});

test('null for what is no payment', () => {
  assert.equal(sale({ period_type: 'TRIAL', price: 0, price_in_purchased_currency: 0 }), null);
  assert.equal(sale({ price_in_purchased_currency: null }), null);
  assert.equal(sale({ is_family_share: true }), null);
  assert.equal(sale({ subscriber_attributes: { refp_id: attribute('click_1') } }), null);
  const refund = { type: 'CANCELLATION', cancel_reason: 'CUSTOMER_SUPPORT', price_in_purchased_currency: -4.99 };
  assert.equal(sale(refund), null);
  for (const type of ['TEST', 'UNCANCELLATION', 'EXPIRATION', 'BILLING_ISSUE', 'PRODUCT_CHANGE', 'TRANSFER']) {
    assert.equal(sale({ type }), null, type);
  }
});

test('a purchase in the sandbox counts where it is asked for', () => {
  assert.equal(sale({ environment: 'SANDBOX' }), null);
  assert.equal(sale({ environment: 'SANDBOX' }, { includeTest: true })?.amount, 399);
});
