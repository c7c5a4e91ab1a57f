'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { saleFromPaddle } = require('refport/webhooks');
const { paddleEvent, received, transaction } = require('../support/payments/paddle.js');

/** Through Paddle's SDK, which renames every field, and as it was sent. */
async function sale(/** @type {object} */ event, /** @type {object} */ options = {}) {
  const unmarshalled = saleFromPaddle(await received(event), options);
  // @ts-expect-error The shape is that of the documentation.
  assert.deepEqual(saleFromPaddle(event, options), unmarshalled);
  return unmarshalled;
}

const completed = 'transaction.completed';

test('a payment, the first or a renewal', async () => {
  const expected = {
    clickId: 'click_1',
    customerExternalId: 'user_1',
    amount: 3900,
    currency: 'eur',
    invoiceId: 'txn_01first',
    paymentProcessor: 'paddle',
  };
  assert.deepEqual(await sale(paddleEvent(completed, transaction())), expected);
  const renewal = transaction({ id: 'txn_02renewal', origin: 'subscription_recurring' });
  assert.deepEqual(await sale(paddleEvent(completed, renewal)), { ...expected, invoiceId: 'txn_02renewal' });
});

test('paid and completed are the same sale', async () => {
  const paid = await sale(paddleEvent('transaction.paid', transaction({ status: 'paid' })));
  assert.deepEqual(paid, await sale(paddleEvent(completed, transaction())));
});

test('the amount is without tax, or everything that was paid', async () => {
  assert.equal((await sale(paddleEvent(completed, transaction()), { amount: 'total' }))?.amount, 4641);
  // Credit of the customer covers a third.
  const credited = transaction({}, { credit: '1547', grand_total: '3094' });
  assert.equal((await sale(paddleEvent(completed, credited)))?.amount, 2600);
  assert.equal((await sale(paddleEvent(completed, credited), { amount: 'total' }))?.amount, 3094);
});

test('yen have no smaller unit', async () => {
  const yen = { subtotal: '4900', discount: '0', tax: '0', total: '4900', grand_total: '4900', currency_code: 'JPY' };
  const { amount, currency } = (await sale(paddleEvent(completed, transaction({ currency_code: 'JPY' }, yen)))) ?? {};
  assert.deepEqual({ amount, currency }, { amount: 4900, currency: 'jpy' });
});

test('null for what is no payment', async () => {
  const nothing = { subtotal: '0', discount: '0', tax: '0', total: '0', grand_total: '0' };
  // A new payment method is saved by a transaction of nothing.
  const saved = transaction({ origin: 'subscription_payment_method_change' }, nothing);
  assert.equal(await sale(paddleEvent(completed, saved)), null);
  assert.equal(await sale(paddleEvent(completed, transaction({ custom_data: null }))), null);
  for (const type of [
    'transaction.created',
    'transaction.billed',
    'transaction.payment_failed',
    'transaction.updated',
  ]) {
    assert.equal(await sale(paddleEvent(type, transaction())), null, type);
  }
});

test('an event of the simulator counts where it is asked for', async () => {
  const event = paddleEvent(completed, transaction(), { event_id: 'ntfsimevt_01simulated' });
  assert.equal(await sale(event), null);
  assert.equal((await sale(event, { includeTest: true }))?.amount, 3900);
});
