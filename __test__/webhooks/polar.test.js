'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { saleFromPolar } = require('refport/webhooks');
const {
  ORDER_ID,
  order,
  polarEvent,
  received,
  receivedByOldSdk,
  subscription,
} = require('../support/payments/polar.js');

/** Through Polar's SDK, and through the one before 1.0, which renames every field. */
async function sale(/** @type {object} */ event, /** @type {object} */ options = {}) {
  const verified = saleFromPolar(await received(event), options);
  assert.deepEqual(saleFromPolar(await receivedByOldSdk(event), options), verified);
  return verified;
}

test('a payment, the first or a renewal', async () => {
  const expected = {
    clickId: 'click_1',
    customerExternalId: 'user_1',
    amount: 3900,
    currency: 'usd',
    invoiceId: ORDER_ID,
    paymentProcessor: 'polar',
  };
  assert.deepEqual(await sale(polarEvent('order.paid', order())), expected);
  const id = '57107b74-8400-4d80-a2fc-54c2b4239cb4';
  const renewal = order({ id, billing_reason: 'subscription_cycle' });
  assert.deepEqual(await sale(polarEvent('order.paid', renewal)), { ...expected, invoiceId: id });
});

test("the attribution of a subscription is its orders'", async () => {
  const metadata = { refp_id: 'click_1', refp_customer_id: 'user_1' };
  const renewal = order({ metadata: {}, subscription: subscription({ metadata }) });
  assert.equal((await sale(polarEvent('order.paid', renewal)))?.clickId, 'click_1');
});

test('the amount is without tax, or everything that was paid', async () => {
  assert.equal((await sale(polarEvent('order.paid', order()), { amount: 'total' }))?.amount, 4641);
  // The customer's balance covers a third.
  const credited = order({ applied_balance_amount: -1547, due_amount: 3094 });
  assert.equal((await sale(polarEvent('order.paid', credited)))?.amount, 2600);
  assert.equal((await sale(polarEvent('order.paid', credited), { amount: 'total' }))?.amount, 3094);
});

test('a debt of the customer from before, which an order collects, is not part of either amount', async () => {
  const owed = order({ applied_balance_amount: 1000, due_amount: 5641 });
  assert.equal((await sale(polarEvent('order.paid', owed)))?.amount, 3900);
  assert.equal((await sale(polarEvent('order.paid', owed), { amount: 'total' }))?.amount, 4641);
});

test('an order of before customers had balances', () => {
  const { due_amount, applied_balance_amount, ...old } = order();
  assert.equal(saleFromPolar(polarEvent('order.paid', old))?.amount, 3900);
});

test('null for what is no payment', async () => {
  const free = { subtotal_amount: 0, discount_amount: 0, net_amount: 0, tax_amount: 0, total_amount: 0, due_amount: 0 };
  assert.equal(await sale(polarEvent('order.paid', order(free))), null);
  assert.equal(await sale(polarEvent('order.paid', order({ metadata: {} }))), null);
  const refunded = order({ status: 'refunded', refunded_amount: 3900, refunded_tax_amount: 741 });
  for (const type of ['order.created', 'order.updated', 'order.refunded']) {
    assert.equal(await sale(polarEvent(type, type === 'order.created' ? order() : refunded)), null, type);
  }
});
