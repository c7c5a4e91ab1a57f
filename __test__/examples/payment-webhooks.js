'use strict';

const paddle = require('../support/payments/paddle.js');
const polar = require('../support/payments/polar.js');
const revenuecat = require('../support/payments/revenuecat.js');
const shopify = require('../support/payments/shopify.js');
const stripe = require('../support/payments/stripe.js');

/**
 * What each payment processor sends, signed as it signs it, about the payments of the examples.
 * @module
 */

/** @typedef {Record<string, string>} Metadata */
/** @typedef {{ payload: string, headers: Record<string, string> }} Webhook */

/**
 * @typedef {object} Processor
 * @property {Record<string, string>} env
 * @property {string} [mock] variable that names a stand-in for the processor's API
 * @property {(visitor: InstanceType<typeof import('./visitor.js').Visitor>, sent: string[]) => Promise<Metadata>} checkout what the example
 *   stores with the payment
 * @property {(metadata: Metadata) => Webhook[]} first payment, in all the events that the processor sends about it
 * @property {(metadata: Metadata) => Webhook} second payment: a renewal, or another order
 * @property {(metadata: Metadata) => Webhook} refund
 * @property {(metadata: Metadata) => Webhook} stray payment of yet another invoice
 * @property {(metadata: Metadata) => { refunded: Webhook, kept: Webhook, refund: Webhook }} [held] two payments, and the refund of the first
 * @property {number} amount of each payment, in the smallest unit
 * @property {boolean} [outbox] whether the example records what it reports, and answers before it has arrived
 */

const json = { 'content-type': 'application/json' };

/** @param {string} type @param {object} object @returns {Webhook} */
function fromStripe(type, object) {
  const { payload, signature } = stripe.signStripe(stripe.stripeEvent(type, object, { livemode: false }));
  return { payload, headers: { ...json, 'stripe-signature': signature } };
}

/** @param {Metadata} metadata @param {object} [more] */
const invoiceFor = (metadata, more) =>
  stripe.invoice({
    parent: { type: 'subscription_details', subscription_details: { subscription: 'sub_1', metadata } },
    ...more,
  });

/** @param {string} type @param {object} data @returns {Webhook} */
function fromPaddle(type, data) {
  const { payload, signature } = paddle.signPaddle(paddle.paddleEvent(type, data));
  return { payload, headers: { ...json, 'paddle-signature': signature } };
}

/** @param {string} type @param {object} order @returns {Webhook} */
function fromPolar(type, order) {
  const { payload, headers } = polar.signPolar(polar.polarEvent(type, order));
  return { payload, headers: { ...json, ...headers } };
}

/** @param {Metadata} metadata @param {object} [more] @returns {Webhook} */
function fromShopify(metadata, more) {
  const note_attributes = Object.entries(metadata).map(([name, value]) => ({ name, value }));
  const { payload, headers } = shopify.signShopify(shopify.order({ note_attributes, ...more }));
  return { payload, headers: { ...json, ...headers } };
}

/** @param {Metadata} metadata @param {object} [more] @returns {Webhook} */
function fromRevenueCat(metadata, more) {
  const attributes = Object.entries(metadata).map(([name, value]) => [name, revenuecat.attribute(value)]);
  const event = revenuecat.purchase({ subscriber_attributes: Object.fromEntries(attributes), ...more });
  return { payload: JSON.stringify(event), headers: { ...json, authorization: 'Bearer revenuecat' } };
}

/** @type {Record<string, Processor>} */
const processors = {
  stripe: {
    env: { STRIPE_SECRET_KEY: 'sk_test_none', STRIPE_WEBHOOK_SECRET: stripe.SECRET },
    mock: 'STRIPE_MOCK',
    async checkout(visitor, sent) {
      await visitor.post('/checkout');
      const form = new URLSearchParams(sent.at(-1));
      const entries = [...form].map(([name, value]) => [
        /^subscription_data\[metadata\]\[(.+)\]$/.exec(name)?.[1],
        value,
      ]);
      return Object.fromEntries(entries.filter(([name]) => name));
    },
    first: (metadata) => [
      fromStripe(
        'checkout.session.completed',
        stripe.session({ mode: 'subscription', subscription: 'sub_1', metadata }),
      ),
      fromStripe('invoice.paid', invoiceFor(metadata)),
      fromStripe('invoice.payment_succeeded', invoiceFor(metadata)),
    ],
    second: (metadata) => fromStripe('invoice.paid', invoiceFor(metadata, { id: 'in_2Renewal' })),
    refund: (metadata) => fromStripe('charge.refunded', { id: 'ch_1', object: 'charge', amount: 5831, metadata }),
    stray: (metadata) => fromStripe('invoice.paid', invoiceFor(metadata, { id: 'in_3Stray' })),
    held: (metadata) => ({
      refunded: fromStripe('invoice.paid', invoiceFor(metadata, { id: 'in_8Refunded' })),
      kept: fromStripe('invoice.paid', invoiceFor(metadata, { id: 'in_9Kept' })),
      refund: fromStripe('charge.refunded', stripe.charge({ payment_intent: 'pi_8' })),
    }),
    amount: 4900,
    outbox: true,
  },
  paddle: {
    env: { PADDLE_API_KEY: 'pdl_none', PADDLE_WEBHOOK_SECRET: paddle.SECRET },
    checkout: async (visitor) => (await visitor.post('/checkout')).customData,
    first: (custom_data) => [
      fromPaddle('transaction.paid', paddle.transaction({ custom_data, status: 'paid' })),
      fromPaddle('transaction.completed', paddle.transaction({ custom_data })),
    ],
    second: (custom_data) => fromPaddle('transaction.completed', paddle.transaction({ custom_data, id: 'txn_02' })),
    stray: (custom_data) => fromPaddle('transaction.completed', paddle.transaction({ custom_data, id: 'txn_03' })),
    refund: (custom_data) => fromPaddle('transaction.updated', paddle.transaction({ custom_data })),
    amount: 3900,
  },
  polar: {
    env: { POLAR_ACCESS_TOKEN: 'polar_none', POLAR_WEBHOOK_SECRET: polar.SECRET },
    mock: 'POLAR_MOCK',
    async checkout(visitor, sent) {
      await visitor.post('/checkout');
      return JSON.parse(sent.at(-1) ?? '').metadata;
    },
    first: (metadata) => [
      fromPolar('order.created', polar.order({ metadata, status: 'pending', paid: false })),
      fromPolar('order.paid', polar.order({ metadata })),
    ],
    second: (metadata) =>
      fromPolar('order.paid', polar.order({ metadata, id: '57107b74-8400-4d80-a2fc-54c2b4239cb4' })),
    stray: (metadata) => fromPolar('order.paid', polar.order({ metadata, id: '57107b74-8400-4d80-a2fc-54c2b4239cb5' })),
    refund: (metadata) => fromPolar('order.refunded', polar.order({ metadata, status: 'refunded' })),
    amount: 3900,
  },
  shopify: {
    env: { SHOPIFY_API_KEY: 'key', SHOPIFY_API_SECRET: shopify.SECRET },
    checkout: async (visitor) => (await visitor.post('/cart')).attributes,
    first: (metadata) => [fromShopify(metadata, { financial_status: 'pending' }), fromShopify(metadata)],
    second: (metadata) => fromShopify(metadata, { id: 2, admin_graphql_api_id: 'gid://shopify/Order/2' }),
    stray: (metadata) => fromShopify(metadata, { id: 3, admin_graphql_api_id: 'gid://shopify/Order/3' }),
    refund: (metadata) => fromShopify(metadata, { financial_status: 'refunded' }),
    amount: 3500,
  },
  revenuecat: {
    env: { REVENUECAT_WEBHOOK_AUTHORIZATION: 'Bearer revenuecat' },
    checkout: async (visitor) => (await visitor.post('/signup')).attributes,
    first: (metadata) => [fromRevenueCat(metadata, { environment: 'SANDBOX' })],
    second: (metadata) => fromRevenueCat(metadata, { type: 'RENEWAL', transaction_id: '100000000000001' }),
    stray: (metadata) => fromRevenueCat(metadata, { type: 'RENEWAL', transaction_id: '100000000000002' }),
    refund: (metadata) => fromRevenueCat(metadata, { type: 'CANCELLATION', price_in_purchased_currency: -4.99 }),
    amount: 399,
  },
};

module.exports = { processors };
