'use strict';

// Whatever a webhook carries: a sale of documented shape or null, nothing thrown, nothing hanging.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const fc = require('fast-check');
const webhooks = require('refport/webhooks');
const paddle = require('../support/payments/paddle.js');
const polar = require('../support/payments/polar.js');
const revenuecat = require('../support/payments/revenuecat.js');
const shopify = require('../support/payments/shopify.js');
const stripe = require('../support/payments/stripe.js');

/** @typedef {(event: any, options?: any) => import('refport').TrackSaleParams | null} SaleFrom */

/** @type {Record<string, { saleFrom: SaleFrom, events: object[] }>} */
const processors = {
  stripe: {
    saleFrom: webhooks.saleFromStripe,
    events: [
      stripe.stripeEvent('checkout.session.completed', stripe.session()),
      stripe.stripeEvent('payment_intent.succeeded', stripe.intent()),
      stripe.stripeEvent('invoice.paid', stripe.invoice()),
      stripe.stripeEvent('invoice.paid', stripe.oldInvoice()),
    ],
  },
  paddle: {
    saleFrom: webhooks.saleFromPaddle,
    events: [paddle.paddleEvent('transaction.completed', paddle.transaction())],
  },
  polar: { saleFrom: webhooks.saleFromPolar, events: [polar.polarEvent('order.paid', polar.order())] },
  shopify: {
    saleFrom: webhooks.saleFromShopify,
    events: [
      shopify.order(),
      shopify.order({
        current_subtotal_price: '100.00',
        duties_included: true,
        current_total_duties_set: { shop_money: { amount: '5.00' } },
        line_items: [{ gift_card: true, price: '10.00', quantity: 1, discount_allocations: [{ amount: '1.00' }] }],
      }),
    ],
  },
  revenuecat: { saleFrom: webhooks.saleFromRevenueCat, events: [revenuecat.purchase()] },
};

/** @type {Record<string, { refundFrom: (event: any) => import('refport/webhooks').Refund | null, events: object[] }>} */
const refunds = {
  stripe: { refundFrom: webhooks.refundFromStripe, events: [stripe.stripeEvent('charge.refunded', stripe.charge())] },
  paddle: {
    refundFrom: webhooks.refundFromPaddle,
    events: [paddle.paddleEvent('adjustment.updated', paddle.adjustment())],
  },
  polar: {
    refundFrom: webhooks.refundFromPolar,
    events: [polar.polarEvent('order.refunded', polar.order({ status: 'refunded', refunded_amount: 3900 }))],
  },
  shopify: {
    refundFrom: webhooks.refundFromShopify,
    events: [shopify.refund(), shopify.order({ financial_status: 'refunded', refunds: [shopify.refund()] })],
  },
  revenuecat: {
    refundFrom: webhooks.refundFromRevenueCat,
    events: [revenuecat.purchase({ type: 'CANCELLATION', price_in_purchased_currency: -4.99 })],
  },
};

/** @param {string} processor @param {ReturnType<SaleFrom>} sale */
function checkSale(processor, sale) {
  if (sale === null) return;
  assert.equal(sale.paymentProcessor, processor);
  assert.ok(Number.isSafeInteger(sale.amount) && sale.amount > 0, `amount ${sale.amount}`);
  assert.match(sale.currency ?? '', /^[a-z]{3}$/);
  for (const text of [sale.clickId, sale.customerExternalId, sale.invoiceId]) {
    assert.ok(typeof text === 'string' && text !== '');
  }
}

/** @param {object} event @returns {string[][]} the path of every value in it */
function pathsOf(event) {
  return Object.entries(event).flatMap(([name, value]) => [
    [name],
    ...(typeof value === 'object' && value !== null ? pathsOf(value).map((path) => [name, ...path]) : []),
  ]);
}

/** @param {object} event @param {string[]} path @param {PropertyDescriptor} descriptor */
function replaced(event, path, descriptor) {
  const copy = structuredClone(event);
  const holder = path.slice(0, -1).reduce((/** @type {any} */ at, name) => at[name], copy);
  Object.defineProperty(holder, String(path.at(-1)), { ...descriptor, enumerable: true });
  return copy;
}

const hostile = fc.oneof(
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
  fc.constantFrom(
    'x'.repeat(1_000_000),
    '9'.repeat(1_000_000),
    '1e400',
    '-1',
    Number.MAX_VALUE,
    -4900,
    0.5,
    NaN,
    new Array(4_294_967_295),
    new Proxy({}, { get: () => assert.fail('read'), getOwnPropertyDescriptor: () => assert.fail('looked at') }),
    { toString: () => assert.fail('converted') },
    Symbol('hostile'),
  ),
);

for (const [processor, { saleFrom, events }] of Object.entries(processors)) {
  describe(processor, () => {
    const paths = events.flatMap((event) => pathsOf(event).map((path) => ({ event, path })));

    test('the events that are changed below are sales', () => {
      for (const event of events) assert.ok(saleFrom(event));
    });

    test('junk', () => {
      fc.assert(fc.property(hostile, hostile, (event, options) => checkSale(processor, saleFrom(event, options))));
    });

    test('an event of which one value is junk', () => {
      fc.assert(
        fc.property(fc.constantFrom(...paths), hostile, ({ event, path }, value) =>
          checkSale(processor, saleFrom(replaced(event, path, { value }))),
        ),
        { numRuns: 500 },
      );
    });

    test('an event of which a property throws', () => {
      const get = () => assert.fail('read');
      for (const { event, path } of paths) checkSale(processor, saleFrom(replaced(event, path, { get })));
    });

    test('nothing inherited is taken for data', () => {
      for (const event of events) assert.equal(saleFrom(Object.create(event)), null);
    });
  });
}

for (const [processor, { refundFrom, events }] of Object.entries(refunds)) {
  test(`a refund of ${processor}, of which one value is junk or throws`, () => {
    const paths = events.flatMap((event) => pathsOf(event).map((path) => ({ event, path })));
    const check = (/** @type {ReturnType<typeof refundFrom>} */ refund) => {
      if (refund === null) return;
      assert.ok(Number.isSafeInteger(refund.amount) && refund.amount > 0, `amount ${refund.amount}`);
      assert.match(refund.currency, /^[a-z]{3}$/);
      assert.ok(typeof refund.invoiceId === 'string' && refund.invoiceId !== '');
    };
    for (const event of events) assert.ok(refundFrom(event));
    fc.assert(fc.property(hostile, (event) => check(refundFrom(event))));
    fc.assert(
      fc.property(fc.constantFrom(...paths), hostile, ({ event, path }, value) =>
        check(refundFrom(replaced(event, path, { value }))),
      ),
    );
    const get = () => assert.fail('read');
    for (const { event, path } of paths) check(refundFrom(replaced(event, path, { get })));
  });
}

test('an attribution of a length that was never written is none', () => {
  const metadata = { refp_id: 'x'.repeat(501), refp_customer_id: 'user_1' };
  const event = stripe.stripeEvent('checkout.session.completed', stripe.session({ metadata }));
  assert.equal(webhooks.saleFromStripe(event), null);
});
