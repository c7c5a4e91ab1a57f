'use strict';

// A refund names the sale that it takes back.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const webhooks = require('refport/webhooks');
const paddle = require('../support/payments/paddle.js');
const polar = require('../support/payments/polar.js');
const revenuecat = require('../support/payments/revenuecat.js');
const shopify = require('../support/payments/shopify.js');
const stripe = require('../support/payments/stripe.js');

describe('Stripe', () => {
  /** @param {object} object */
  const refund = (object, type = 'charge.refunded') =>
    webhooks.refundFromStripe(stripe.received(stripe.stripeEvent(type, object)));

  test('all of a purchase', () => {
    const sale = webhooks.saleFromStripe(stripe.stripeEvent('checkout.session.completed', stripe.session()));
    const expected = { invoiceId: sale?.invoiceId, amount: 4641, currency: 'eur', isFull: true };
    assert.deepEqual(refund(stripe.charge()), expected);
    assert.deepEqual(refund(stripe.charge({ payment_intent: stripe.intent() })), expected);
  });

  test('a part of it', () => {
    const part = refund(stripe.charge({ amount_refunded: 1000, refunded: false }));
    assert.deepEqual(part, { invoiceId: 'pi_1', amount: 1000, currency: 'eur', isFull: false });
  });

  test('an invoice, as long as charges named theirs', () => {
    const sale = webhooks.saleFromStripe(stripe.stripeEvent('invoice.paid', stripe.oldInvoice()));
    assert.equal(refund(stripe.charge({ invoice: 'in_1First' }))?.invoiceId, sale?.invoiceId);
  });

  test('in the smallest unit of ISO 4217', () => {
    assert.equal(refund(stripe.charge({ currency: 'isk', amount_refunded: 50000 }))?.amount, 500);
  });

  test('null for anything else', () => {
    assert.equal(refund(stripe.charge({ amount_refunded: 0, refunded: false }), 'charge.succeeded'), null);
    assert.equal(refund(stripe.session(), 'checkout.session.completed'), null);
    assert.equal(refund(stripe.charge({ payment_intent: null })), null);
  });
});

describe('Paddle', () => {
  /** @param {object} [more] */
  async function refund(more, type = 'adjustment.updated') {
    const event = paddle.paddleEvent(type, paddle.adjustment(more));
    const unmarshalled = webhooks.refundFromPaddle(await paddle.received(event));
    assert.deepEqual(webhooks.refundFromPaddle(event), unmarshalled);
    return unmarshalled;
  }

  test('all of a transaction, refunded or charged back', async () => {
    const expected = { invoiceId: 'txn_01first', amount: 4641, currency: 'eur', isFull: true };
    assert.deepEqual(await refund(), expected);
    assert.deepEqual(await refund({}, 'adjustment.created'), expected);
    assert.deepEqual(await refund({ action: 'chargeback' }), expected);
  });

  test('a part of it', async () => {
    const totals = { subtotal: '840', tax: '160', total: '1000', fee: '0', earnings: '0', currency_code: 'EUR' };
    const expected = { invoiceId: 'txn_01first', amount: 1000, currency: 'eur', isFull: false };
    assert.deepEqual(await refund({ type: 'partial', totals }), expected);
  });

  test('null until it is approved, and for what gives no money back', async () => {
    for (const status of ['pending_approval', 'rejected', 'reversed']) assert.equal(await refund({ status }), null);
    for (const action of ['credit', 'credit_reverse', 'chargeback_warning', 'chargeback_reverse']) {
      assert.equal(await refund({ action }), null, action);
    }
    const paid = paddle.paddleEvent('transaction.completed', paddle.transaction());
    assert.equal(webhooks.refundFromPaddle(await paddle.received(paid)), null);
  });
});

describe('Polar', () => {
  /** @param {object} more */
  async function refund(more, type = 'order.refunded') {
    const event = polar.polarEvent(type, polar.order(more));
    const verified = webhooks.refundFromPolar(await polar.received(event));
    assert.deepEqual(webhooks.refundFromPolar(await polar.receivedByOldSdk(event)), verified);
    return verified;
  }

  test('all of an order, or a part of it', async () => {
    const all = await refund({ status: 'refunded', refunded_amount: 3900, refunded_tax_amount: 741 });
    assert.deepEqual(all, { invoiceId: polar.ORDER_ID, amount: 4641, currency: 'usd', isFull: true });
    const part = await refund({ status: 'partially_refunded', refunded_amount: 840, refunded_tax_amount: 160 });
    assert.deepEqual(part, { invoiceId: polar.ORDER_ID, amount: 1000, currency: 'usd', isFull: false });
  });

  test('null for anything else', async () => {
    assert.equal(await refund({}, 'order.paid'), null);
    assert.equal(await refund({ refunded_amount: 0 }), null);
  });
});

describe('Shopify', () => {
  const invoiceId = webhooks.saleFromShopify(shopify.order())?.invoiceId;

  test('all of an order, as orders/updated has it', () => {
    const order = shopify.order({ financial_status: 'refunded', refunds: [shopify.refund()] });
    const expected = { invoiceId, amount: 4641, currency: 'eur', isFull: true };
    assert.deepEqual(webhooks.refundFromShopify(order), expected);
    assert.deepEqual(webhooks.refundFromShopify({ ...order, admin_graphql_api_id: undefined }), expected);
  });

  test('all parts so far', () => {
    const refunds = [shopify.refund({}, { amount: '10.00' }), shopify.refund({}, { amount: '5.50' })];
    const order = shopify.order({ financial_status: 'partially_refunded', refunds });
    assert.deepEqual(webhooks.refundFromShopify(order), { invoiceId, amount: 1550, currency: 'eur', isFull: false });
  });

  test('refunds/create, which does not say what is left', () => {
    const expected = { invoiceId, amount: 4641, currency: 'eur', isFull: false };
    assert.deepEqual(webhooks.refundFromShopify(shopify.refund()), expected);
  });

  test("in the customer's currency, if that is what went back", () => {
    const order = shopify.order({
      financial_status: 'refunded',
      refunds: [shopify.refund({}, { amount: '4900', currency: 'JPY' })],
    });
    const { amount, currency } = webhooks.refundFromShopify(order) ?? {};
    assert.deepEqual([amount, currency], [4900, 'jpy']);
  });

  test('null where no money went back', () => {
    assert.equal(webhooks.refundFromShopify(shopify.order()), null);
    for (const transaction of [{ status: 'failure' }, { status: 'pending' }, { kind: 'void' }]) {
      assert.equal(webhooks.refundFromShopify(shopify.refund({}, transaction)), null);
    }
  });
});

describe('RevenueCat', () => {
  test('a cancellation with a negative price', () => {
    const body = revenuecat.purchase({
      type: 'CANCELLATION',
      cancel_reason: 'CUSTOMER_SUPPORT',
      price: -5.41,
      price_in_purchased_currency: -4.99,
    });
    const sale = webhooks.saleFromRevenueCat(revenuecat.purchase());
    const expected = { invoiceId: sale?.invoiceId, amount: 499, currency: 'eur', isFull: true };
    assert.deepEqual(webhooks.refundFromRevenueCat(body), expected);
  });

  test('null for one that ends a subscription later, and for anything else', () => {
    for (const event of [
      { type: 'CANCELLATION', cancel_reason: 'UNSUBSCRIBE', price_in_purchased_currency: 0 },
      { type: 'CANCELLATION', cancel_reason: 'UNSUBSCRIBE' },
      { type: 'EXPIRATION' },
      {},
    ]) {
      assert.equal(webhooks.refundFromRevenueCat(revenuecat.purchase(event)), null);
    }
  });
});
