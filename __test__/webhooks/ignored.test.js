'use strict';

// A reason for every null.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { describe, test } = require('node:test');
const webhooks = require('refport/webhooks');
const paddle = require('../support/payments/paddle.js');
const polar = require('../support/payments/polar.js');
const revenuecat = require('../support/payments/revenuecat.js');
const shopify = require('../support/payments/shopify.js');
const stripe = require('../support/payments/stripe.js');

const root = path.resolve(__dirname, '../..');
const { saleFromPaddle, saleFromPolar, saleFromRevenueCat, saleFromShopify, saleFromStripe } = webhooks;

/** @typedef {(event: any, options?: import('refport/webhooks').SaleOptions) => object | null} SaleFrom */

/** @param {SaleFrom} saleFrom @param {unknown} event @param {import('refport/webhooks').SaleOptions} [options] */
function ignored(saleFrom, event, options) {
  /** @type {string[][]} */
  const heard = [];
  const sale = saleFrom(event, { ...options, onIgnored: (...why) => heard.push(why) });
  assert.equal(sale, null);
  assert.equal(heard.length, 1);
  const [reason = '', detail = ''] = heard[0] ?? [];
  assert.match(detail, /\.$/);
  return { reason, detail };
}

const completed = 'checkout.session.completed';
const { stripeEvent } = stripe;
const { paddleEvent } = paddle;
const { polarEvent } = polar;
const freePaddle = { subtotal: '0', discount: '0', tax: '0', total: '0', grand_total: '0' };

/** @type {[title: string, saleFrom: SaleFrom, reason: string, event: unknown, detail: RegExp][]} */
const cases = [
  [
    'an event about something else',
    saleFromStripe,
    'not-a-payment',
    stripeEvent('customer.created', { id: 'cus_1' }),
    /customer\.created cus_1 /,
  ],
  [
    'a session of a subscription',
    saleFromStripe,
    'not-a-payment',
    stripeEvent(completed, stripe.session({ mode: 'subscription' })),
    /counted by invoice\.paid/,
  ],
  [
    'a session that sets up',
    saleFromStripe,
    'not-a-payment',
    stripeEvent(completed, stripe.session({ mode: 'setup' })),
    /its mode is setup/,
  ],
  [
    'an invoice without subscription',
    saleFromStripe,
    'not-a-payment',
    stripeEvent('invoice.paid', stripe.invoice({ parent: null })),
    /in_1First is of no subscription/,
  ],
  [
    'an unpaid session',
    saleFromStripe,
    'not-paid',
    stripeEvent(completed, stripe.session({ payment_status: 'unpaid' })),
    /payment_status is unpaid/,
  ],
  [
    'an open invoice',
    saleFromStripe,
    'not-paid',
    stripeEvent('invoice.paid', stripe.invoice({ status: 'open' })),
    /status is open/,
  ],
  [
    'test mode',
    saleFromStripe,
    'test',
    stripeEvent(completed, stripe.session(), { livemode: false }),
    /cs_live_a1 .*includeTest: true/,
  ],
  [
    'a session without attribution',
    saleFromStripe,
    'not-referred',
    stripeEvent(completed, stripe.session({ metadata: {} })),
    /no refp_id/,
  ],
  [
    'half an attribution',
    saleFromStripe,
    'not-referred',
    stripeEvent(completed, stripe.session({ metadata: { refp_id: 'click_1' } })),
    /no refp_customer_id/,
  ],
  [
    'an intent without attribution',
    saleFromStripe,
    'not-referred',
    stripeEvent('payment_intent.succeeded', stripe.intent({ metadata: {} })),
    /its own metadata has no attribution/,
  ],
  [
    'a trial',
    saleFromStripe,
    'nothing-paid',
    stripeEvent('invoice.paid', stripe.invoice({ total: 0, total_excluding_tax: 0, amount_paid: 0 })),
    /in_1First/,
  ],
  [
    'an event about something else',
    saleFromPaddle,
    'not-a-payment',
    paddleEvent('transaction.billed', paddle.transaction()),
    /transaction\.billed txn_01first/,
  ],
  [
    'the simulator',
    saleFromPaddle,
    'test',
    paddleEvent('transaction.completed', paddle.transaction(), { event_id: 'ntfsimevt_1' }),
    /txn_01first/,
  ],
  [
    'no attribution',
    saleFromPaddle,
    'not-referred',
    paddleEvent('transaction.completed', paddle.transaction({ custom_data: null })),
    /no refp_id/,
  ],
  [
    'nothing',
    saleFromPaddle,
    'nothing-paid',
    paddleEvent('transaction.completed', paddle.transaction({}, freePaddle)),
    /the amount is 0/,
  ],
  [
    'an event about something else',
    saleFromPolar,
    'not-a-payment',
    polarEvent('order.created', polar.order()),
    /order\.created/,
  ],
  [
    'no attribution',
    saleFromPolar,
    'not-referred',
    polarEvent('order.paid', polar.order({ metadata: {} })),
    /no refp_id/,
  ],
  [
    'a free order',
    saleFromPolar,
    'nothing-paid',
    polarEvent('order.paid', polar.order({ net_amount: 0, total_amount: 0, due_amount: 0 })),
    /the amount is 0/,
  ],
  [
    'an unpaid order',
    saleFromShopify,
    'not-paid',
    shopify.order({ financial_status: 'pending' }),
    /financial_status is pending/,
  ],
  [
    'a cancelled order',
    saleFromShopify,
    'not-paid',
    shopify.order({ cancelled_at: '2026-01-02T00:00:00-05:00' }),
    /is cancelled/,
  ],
  ['a refund', saleFromShopify, 'not-a-payment', shopify.refund(), /refund/],
  ['a test order', saleFromShopify, 'test', shopify.order({ test: true }), /gid:\/\/shopify\/Order\/5551234567890/],
  ['no attribution', saleFromShopify, 'not-referred', shopify.order({ note_attributes: [] }), /no refp_id/],
  [
    'a free order',
    saleFromShopify,
    'nothing-paid',
    shopify.order({ current_subtotal_price: '0.00' }),
    /the amount is 0/,
  ],
  [
    'an event about something else',
    saleFromRevenueCat,
    'not-a-payment',
    revenuecat.purchase({ type: 'EXPIRATION' }),
    /EXPIRATION/,
  ],
  ['a family member', saleFromRevenueCat, 'not-a-payment', revenuecat.purchase({ is_family_share: true }), /family/],
  [
    'the sandbox',
    saleFromRevenueCat,
    'test',
    revenuecat.purchase({ environment: 'SANDBOX' }),
    /INITIAL_PURCHASE 100000000000000/,
  ],
  [
    'no attribution',
    saleFromRevenueCat,
    'not-referred',
    revenuecat.purchase({ subscriber_attributes: {} }),
    /no refp_id/,
  ],
  [
    'a trial',
    saleFromRevenueCat,
    'nothing-paid',
    revenuecat.purchase({ price_in_purchased_currency: 0 }),
    /the amount is 0/,
  ],
];

for (const [title, saleFrom, expected, event, says] of cases) {
  const [name] = Object.entries(webhooks).find(([, value]) => value === saleFrom) ?? [];
  test(`${name}: ${title}`, () => {
    const { reason, detail } = ignored(saleFrom, event);
    assert.equal(reason, expected);
    assert.match(detail, says);
    assert.doesNotMatch(detail, /grace|hopper/i, 'personal data');
  });
}

describe('a wrong argument is named', () => {
  const event = stripeEvent(completed, stripe.session());

  /** @type {[title: string, saleFrom: SaleFrom, argument: unknown, detail: RegExp][]} */
  const wrong = [
    [
      'a raw body',
      saleFromStripe,
      JSON.stringify(event),
      /raw body.*Pass the event that stripe\.webhooks\.constructEvent returns\.$/,
    ],
    ['a raw body in a buffer', saleFromStripe, Buffer.from(JSON.stringify(event)), /a buffer, perhaps the raw body/],
    [
      'event.data.object',
      saleFromStripe,
      event.data.object,
      /This is an object \(checkout\.session\), perhaps event\.data\.object/,
    ],
    ['event.data', saleFromStripe, event.data, /This is event\.data\. /],
    ['a promise', saleFromStripe, Promise.resolve(event), /awaited first/],
    ['nothing', saleFromStripe, undefined, /This is undefined/],
    ['null', saleFromPolar, null, /This is null/],
    [
      'a transaction',
      saleFromPaddle,
      paddle.transaction(),
      /This is a transaction.*Pass the event that paddle\.webhooks\.unmarshal returns/,
    ],
    ['an order', saleFromPolar, polar.order(), /This is an order, perhaps event\.data/],
    [
      'what the packages for apps give',
      saleFromShopify,
      { topic: 'ORDERS_PAID', payload: shopify.order() },
      /The order is in payload/,
    ],
    [
      'the event inside of the body',
      saleFromRevenueCat,
      revenuecat.purchase().event,
      /This is the event inside of the body/,
    ],
    ['an object', saleFromPaddle, {}, /The fields of an event are missing/],
    ['no currency', saleFromStripe, stripeEvent(completed, stripe.session({ currency: 7 })), /the currency is 7/],
    ['no id', saleFromRevenueCat, revenuecat.purchase({ transaction_id: null }), /the id is null/],
  ];
  for (const [title, saleFrom, argument, says] of wrong) {
    test(title, () => {
      const { reason, detail } = ignored(saleFrom, argument);
      assert.equal(reason, 'not-an-event');
      assert.match(detail, says);
    });
  }
});

test('on a Connect platform, the account of the event is named', () => {
  const event = stripeEvent(completed, stripe.session({ metadata: {} }), { account: 'acct_1Connected' });
  assert.match(
    ignored(saleFromStripe, event).detail,
    /^checkout\.session\.completed cs_live_a1 of account acct_1Connected: /,
  );
});

test('what a webhook says does not write lines into a log', () => {
  const detail = ignored(saleFromStripe, stripeEvent('a\nb', { id: `\u001b[31m${'x'.repeat(1000)}` })).detail;
  assert.doesNotMatch(detail, /\p{Cc}/u);
  assert.ok(detail.length < 400);
});

test('nothing is called for a sale, and what is called may throw', () => {
  const onIgnored = () => assert.fail('called');
  assert.ok(saleFromShopify(shopify.order(), { onIgnored }));
  assert.throws(() => saleFromShopify(shopify.order({ test: true }), { onIgnored }), /called/);
  // @ts-expect-error Not a function.
  assert.equal(saleFromShopify(shopify.order({ test: true }), { onIgnored: 'log' }), null);
});

test('NODE_DEBUG=refport logs the same', () => {
  const event = JSON.stringify(stripeEvent(completed, stripe.session(), { livemode: false }));
  const program = `require('refport/webhooks').saleFromStripe(${event})`;
  const run = (/** @type {string} */ NODE_DEBUG) => {
    const env = { ...process.env, NODE_DEBUG };
    return spawnSync(process.execPath, ['--eval', program], { cwd: root, encoding: 'utf8', env }).stderr;
  };
  assert.equal(run(''), '');
  assert.match(
    run('refport'),
    /^REFPORT \d+: stripe webhook ignored: test\. checkout\.session\.completed cs_live_a1 .*\n$/,
  );
});
