'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const paddle = require('../../__test__/support/payments/paddle.js');
const polar = require('../../__test__/support/payments/polar.js');
const revenuecat = require('../../__test__/support/payments/revenuecat.js');
const shopify = require('../../__test__/support/payments/shopify.js');
const stripe = require('../../__test__/support/payments/stripe.js');
const { CLICK_ID } = require('./customer.js');
const { install } = require('./packages.js');
const { serve } = require('./processes.js');
const { reportTo, withSandbox } = require('./shop.js');
const { Visitor } = require('./visitor.js');

/**
 * The examples of payment webhooks: from the click at the checkout to the commission, with webhooks signed as the
 * processor signs them.
 * @module
 */

/** @typedef {Record<string, string>} Metadata */
/** @typedef {{ payload: string, headers: Record<string, string> }} Webhook */

/**
 * @typedef {object} Processor
 * @property {Record<string, string>} env
 * @property {string} [mock] variable that names a stand-in for the processor's API
 * @property {(visitor: InstanceType<typeof Visitor>, sent: string[]) => Promise<Metadata>} checkout what the example
 *   stores with the payment
 * @property {(metadata: Metadata) => Webhook[]} first payment, in all the events that the processor sends about it
 * @property {(metadata: Metadata) => Webhook} second payment: a renewal, or another order
 * @property {(metadata: Metadata) => Webhook} refund
 * @property {number} amount of each payment, in the smallest unit
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
    amount: 4900,
  },
  paddle: {
    env: { PADDLE_API_KEY: 'pdl_none', PADDLE_WEBHOOK_SECRET: paddle.SECRET },
    checkout: async (visitor) => (await visitor.post('/checkout')).customData,
    first: (custom_data) => [
      fromPaddle('transaction.paid', paddle.transaction({ custom_data, status: 'paid' })),
      fromPaddle('transaction.completed', paddle.transaction({ custom_data })),
    ],
    second: (custom_data) => fromPaddle('transaction.completed', paddle.transaction({ custom_data, id: 'txn_02' })),
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
    refund: (metadata) => fromPolar('order.refunded', polar.order({ metadata, status: 'refunded' })),
    amount: 3900,
  },
  shopify: {
    env: { SHOPIFY_API_KEY: 'key', SHOPIFY_API_SECRET: shopify.SECRET },
    checkout: async (visitor) => (await visitor.post('/cart')).attributes,
    first: (metadata) => [fromShopify(metadata, { financial_status: 'pending' }), fromShopify(metadata)],
    second: (metadata) => fromShopify(metadata, { id: 2, admin_graphql_api_id: 'gid://shopify/Order/2' }),
    refund: (metadata) => fromShopify(metadata, { financial_status: 'refunded' }),
    amount: 3500,
  },
  revenuecat: {
    env: { REVENUECAT_WEBHOOK_AUTHORIZATION: 'Bearer revenuecat' },
    checkout: async (visitor) => (await visitor.post('/signup')).attributes,
    first: (metadata) => [fromRevenueCat(metadata, { environment: 'SANDBOX' })],
    second: (metadata) => fromRevenueCat(metadata, { type: 'RENEWAL', transaction_id: '100000000000001' }),
    refund: (metadata) => fromRevenueCat(metadata, { type: 'CANCELLATION', price_in_purchased_currency: -4.99 }),
    amount: 399,
  },
};

/** A stand-in for a processor's API: keeps what it is sent and answers with a checkout. */
async function startMock() {
  /** @type {string[]} */
  const sent = [];
  const server = http.createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    sent.push(body);
    res.writeHead(201, { ...json, connection: 'close' });
    res.end(JSON.stringify({ id: 'checkout_1', url: 'https://pay.example.com/checkout_1' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { sent, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/**
 * @param {import('./processes.js').App} app
 * @param {Webhook} webhook
 * @returns {Promise<number>} the status
 */
async function deliver(app, { payload, headers }) {
  const init = { method: 'POST', body: payload, headers: { ...headers, connection: 'close' } };
  const { status } = await fetch(`${app.url}/webhook`, { ...init, signal: AbortSignal.timeout(30_000) });
  return status;
}

/**
 * @param {Processor} processor
 * @param {import('./processes.js').App} app
 * @param {import('../../testing.js').Sandbox} sandbox
 * @param {string[]} sent
 */
async function pay(processor, app, sandbox, sent) {
  const nobody = await processor.checkout(new Visitor(app.url), sent);
  assert.deepEqual(nobody, {});
  for (const webhook of processor.first(nobody)) assert.equal(await deliver(app, webhook), 200);
  assert.equal(sandbox.requests.length, 0, 'somebody without a click was reported');

  const metadata = await processor.checkout(new Visitor(app.url, CLICK_ID), sent);
  assert.equal(metadata.refp_id, CLICK_ID);
  const paid = processor.first(metadata);
  const forged = processor.first(metadata).map(({ payload, headers }) => ({ payload, headers: forge(headers) }));
  for (const webhook of forged) assert.match(String(await deliver(app, webhook)), /^40[013]$/);
  assert.equal(sandbox.sales.length, 0, 'a forged webhook was believed');

  const outage = sandbox.fail({ on: 'sale', status: 401, times: Infinity });
  assert.equal(await deliver(app, paid.at(-1) ?? assert.fail()), 503);
  outage.remove();
  // The processor delivers again what was not taken, and sometimes what was.
  for (const webhook of [...paid, ...paid]) assert.equal(await deliver(app, webhook), 200);
  assert.equal(sandbox.sales.length, 1, 'one payment is one sale');
  assert.equal(await deliver(app, processor.second(metadata)), 200);
  assert.equal(await deliver(app, processor.refund(metadata)), 200);

  const unknown = { ...metadata, refp_id: 'never clicked' };
  assert.equal(await deliver(app, processor.first(unknown).at(-1) ?? assert.fail()), 200);
  checkSales(processor, sandbox.sales, metadata);
}

/** @param {Record<string, string>} headers */
const forge = (headers) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, /sign|hmac|authorization/.test(name) ? `${value}0` : value]),
  );

/**
 * @param {Processor} processor
 * @param {import('../../testing.js').Sandbox['sales']} sales
 * @param {Metadata} metadata
 */
function checkSales({ amount }, sales, metadata) {
  assert.equal(sales.length, 2);
  for (const { params, response } of sales) {
    assert.equal(params.clickId, CLICK_ID);
    assert.equal(params.customerExternalId, metadata.refp_customer_id);
    assert.equal(params.amount, amount);
    assert.equal(response.sale.commissionAmount, Math.round(amount / 5));
  }
  assert.notEqual(sales[0]?.params.invoiceId, sales[1]?.params.invoiceId);
}

/**
 * Checks the example of a processor.
 *
 * @param {string} name
 * @returns {import('./examples.js').Check}
 */
function payments(name) {
  const processor = processors[name] ?? assert.fail(name);
  return async (packages) => {
    const copy = await install(name, packages);
    const mock = await startMock();
    try {
      await withSandbox(async (sandbox) => {
        const env = processor.mock ? { [processor.mock]: mock.url } : {};
        const app = await serve(copy, { ...reportTo(sandbox), ...processor.env, ...env });
        await app.explain(pay(processor, app, sandbox, mock.sent));
        await app.stop();
      });
    } finally {
      mock.close();
    }
    return 'two payments, two commissions';
  };
}

module.exports = { payments };
