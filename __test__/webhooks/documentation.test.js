'use strict';

// The programs of docs/payments.md, with the processors' packages, from the signed webhook to the sale in the sandbox.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { Paddle } = require('@paddle/paddle-node-sdk');
const { webhooks } = require('@polar-sh/sdk/2026-10');
require('@shopify/shopify-api/adapters/node');
const { ApiVersion, LogSeverity, shopifyApi } = require('@shopify/shopify-api');
const Stripe = require('stripe');
const { createSandbox } = require('refport/testing');
const { saleFromStripe } = require('refport/webhooks');
const paddle = require('../support/payments/paddle.js');
const polar = require('../support/payments/polar.js');
const revenuecat = require('../support/payments/revenuecat.js');
const shopify = require('../support/payments/shopify.js');
const stripe = require('../support/payments/stripe.js');

const root = path.resolve(__dirname, '../..');
const page = fs.readFileSync(path.join(root, 'docs', 'payments.md'), 'utf8');
const programs = [...page.matchAll(/^```js ([\w-]+)\n([\s\S]*?)^```$/gm)];

const shopifySdk = shopifyApi({
  apiKey: 'key',
  apiSecretKey: shopify.SECRET,
  apiVersion: ApiVersion.July26,
  hostName: 'shop.example.com',
  isEmbeddedApp: false,
  logger: { level: LogSeverity.Error },
});

let folder = '';
/** @type {import('refport/testing').Sandbox} */
let sandbox;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-payments-'));
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'refport'), 'junction');
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  for (const [, name, code = ''] of programs) fs.writeFileSync(path.join(folder, `${name}.js`), code);
  sandbox = await createSandbox();
  Object.assign(process.env, {
    REFPORT_API_KEY: sandbox.apiKey,
    REFPORT_BASE_URL: sandbox.url,
    STRIPE_WEBHOOK_SECRET: stripe.SECRET,
    PADDLE_WEBHOOK_SECRET: paddle.SECRET,
    POLAR_WEBHOOK_SECRET: polar.SECRET,
    REVENUECAT_WEBHOOK_AUTHORIZATION: 'Bearer revenuecat',
  });
});

after(async () => {
  await sandbox.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const load = (/** @type {string} */ name) => import(pathToFileURL(path.join(folder, `${name}.js`)).href);

/** @param {string} payload @param {Record<string, string>} headers */
const request = (payload, headers) =>
  new Request('https://example.com/webhook', { method: 'POST', body: payload, headers });

/** @type {Record<string, { sdk: unknown[], webhook: () => Request, amount: number }>} */
const handlers = {
  'stripe-webhook': {
    sdk: [new Stripe('sk_test_none')],
    webhook() {
      const { payload, signature } = stripe.signStripe(stripe.stripeEvent('invoice.paid', stripe.invoice()));
      return request(payload, { 'stripe-signature': signature });
    },
    amount: 4900,
  },
  paddle: {
    sdk: [new Paddle('pdl_none')],
    webhook() {
      const event = paddle.paddleEvent('transaction.completed', paddle.transaction());
      const { payload, signature } = paddle.signPaddle(event);
      return request(payload, { 'paddle-signature': signature });
    },
    amount: 3900,
  },
  polar: {
    sdk: [webhooks],
    webhook() {
      const { payload, headers } = polar.signPolar(polar.polarEvent('order.paid', polar.order()));
      return request(payload, headers);
    },
    amount: 3900,
  },
  shopify: {
    sdk: [shopifySdk],
    webhook() {
      const { payload, headers } = shopify.signShopify(shopify.order());
      return request(payload, headers);
    },
    amount: 3500,
  },
  revenuecat: {
    sdk: [],
    webhook: () => request(JSON.stringify(revenuecat.purchase()), { authorization: 'Bearer revenuecat' }),
    amount: 399,
  },
};

test('every program of the page is run here', () => {
  const names = programs.map(([, name]) => name).sort();
  const below = ['hold', 'ignored', 'report', 'report-outbox', 'shopify-guest', 'stripe-checkout', 'stripe-connect'];
  const stripeOnly = ['stripe-link', 'stripe-link-webhook', 'stripe-refund'];
  assert.deepEqual(names, [...Object.keys(handlers), ...below, ...stripeOnly].sort());
  assert.equal([...page.matchAll(/^```\w/gm)].length, programs.length);
});

describe('handlers', () => {
  for (const [name, { sdk, webhook, amount }] of Object.entries(handlers)) {
    test(`${name}: asks for another delivery while the API is down, then records the sale`, async (t) => {
      t.mock.method(console, 'error', () => {});
      sandbox.reset();
      sandbox.fail({ on: 'sale', status: 401 });
      const { POST } = await load(name);
      assert.equal((await POST(...sdk, webhook())).status, 503);
      assert.equal((await POST(...sdk, webhook())).status, 200);
      assert.deepEqual(
        sandbox.sales.map(({ params }) => params.amount),
        [amount],
      );
    });
  }
});

test('a click that never was asks for no other delivery', async (t) => {
  t.mock.method(console, 'error', () => {});
  const { report } = await load('report');
  const sale = { clickId: 'never clicked', customerExternalId: 'user_1', amount: 1, invoiceId: 'in_never' };
  assert.equal(await report(sale), true);
});

test('through an outbox a sale is recorded once, and arrives when the API is back', async () => {
  sandbox.reset();
  const outage = sandbox.fail({ on: 'sale', status: 503, times: Number.POSITIVE_INFINITY });
  process.env.OUTBOX = path.join(folder, 'outbox.db');
  const { outbox, report } = await load('report-outbox');
  const sale = { clickId: sandbox.clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'in_outbox' };
  for (let delivery = 0; delivery < 2; delivery++) assert.equal(await report(sale), true);
  assert.equal(await report(null), true);
  await sandbox.waitForRequest(({ call }) => call === 'sale');
  outage.remove();
  await sandbox.waitForSale(undefined, { timeout: 30_000 });
  await outbox.drained();
  await outbox.close();
  assert.equal(sandbox.sales.length, 1);
});

test('the checkout of a subscription carries the attribution', async () => {
  const { checkout } = await load('stripe-checkout');
  const sdk = { checkout: { sessions: { create: (/** @type {object} */ params) => params } } };
  const visit = new Request('https://example.com/buy', { headers: { cookie: 'refp_id=click_1' } });
  const { subscription_data } = checkout(sdk, visit, { id: 'user_1' });
  assert.deepEqual(subscription_data, { metadata: { refp_id: 'click_1', refp_customer_id: 'user_1' } });
});

test('the reason is logged', async (t) => {
  const { mock } = t.mock.method(console, 'info', () => {});
  const { saleOf } = await load('ignored');
  assert.equal(saleOf(stripe.stripeEvent('customer.created', { id: 'cus_1' })), null);
  assert.match(String(mock.calls[0]?.arguments[0]), /^not-a-payment: customer\.created cus_1 /);
});

describe('a payment link', () => {
  const visit = new Request('https://example.com/buy', { headers: { cookie: 'refp_id=click_1' } });

  test('leads to the sale of a one-time payment', async () => {
    const { paymentLink } = await load('stripe-link');
    const client_reference_id = new URL(paymentLink(visit, { id: 'user_7' })).searchParams.get('client_reference_id');
    const session = stripe.session({ metadata: {}, client_reference_id });
    const sale = saleFromStripe(stripe.stripeEvent('checkout.session.completed', session));
    assert.deepEqual([sale?.clickId, sale?.customerExternalId], ['click_1', 'user_7']);
    assert.equal(
      paymentLink(new Request('https://example.com/buy'), { id: 'user_7' }),
      'https://buy.stripe.com/your_link',
    );
  });

  test('leads to the first sale of a subscription and to its renewals', async () => {
    sandbox.reset();
    const { paymentLink } = await load('stripe-link');
    const { startSubscription } = await load('stripe-link-webhook');
    const client_reference_id = new URL(paymentLink(visit, { id: 'user_7' })).searchParams.get('client_reference_id');
    const unreferred = stripe.invoice({ parent: { subscription_details: { subscription: 'sub_1', metadata: {} } } });
    /** @type {unknown[]} */
    const updates = [];
    const sdk = {
      subscriptions: { update: async (/** @type {unknown[]} */ ...update) => updates.push(update) },
      invoices: { retrieve: async (/** @type {string} */ id) => (id === 'in_1First' ? unreferred : undefined) },
    };
    const session = stripe.session({
      mode: 'subscription',
      subscription: 'sub_1',
      invoice: 'in_1First',
      client_reference_id,
    });
    const event = stripe.stripeEvent('checkout.session.completed', session);
    // It may come again.
    for (let delivery = 0; delivery < 2; delivery++) assert.equal(await startSubscription(sdk, event), true);
    assert.deepEqual(updates[0], ['sub_1', { metadata: { refp_id: 'click_1', refp_customer_id: 'user_7' } }]);
    assert.deepEqual(
      sandbox.sales.map(({ params: { clickId, customerExternalId, invoiceId, amount } }) => [
        clickId,
        customerExternalId,
        invoiceId,
        amount,
      ]),
      [['click_1', 'user_7', 'in_1First', 4900]],
    );
    const other = stripe.session({ mode: 'subscription', client_reference_id: 'order_9' });
    assert.equal(await startSubscription(sdk, stripe.stripeEvent('checkout.session.completed', other)), true);
    assert.equal(updates.length, 2);
  });
});

test("a platform's sale is its fee", async () => {
  const { feeOf } = await load('stripe-connect');
  const event = stripe.stripeEvent('payment_intent.succeeded', stripe.intent({ application_fee_amount: 464 }));
  assert.equal(feeOf(event)?.amount, 464);
  assert.equal(feeOf(stripe.stripeEvent('payment_intent.succeeded', stripe.intent())), null);
});

test('a refund of a subscription names its invoice, of a one-time payment its intent', async () => {
  const { refundOf } = await load('stripe-refund');
  const sdk = (/** @type {object[]} */ data) => ({ invoicePayments: { list: async () => ({ data }) } });
  const event = stripe.stripeEvent('charge.refunded', stripe.charge());
  assert.equal((await refundOf(sdk([{ invoice: 'in_1First' }]), event))?.invoiceId, 'in_1First');
  assert.equal((await refundOf(sdk([]), event))?.invoiceId, 'pi_1');
  assert.equal(await refundOf(sdk([]), stripe.stripeEvent('charge.succeeded', stripe.charge())), null);
});

test("a guest of a shop is known by Shopify's id", async () => {
  const { saleOf } = await load('shopify-guest');
  const guest = shopify.order({ note_attributes: [{ name: 'refp_id', value: 'click_1' }], customer: { id: 694 } });
  assert.equal(saleOf(guest)?.customerExternalId, '694');
  assert.equal(saleOf(shopify.order({ customer: { id: 694 } }))?.customerExternalId, 'user_1');
  assert.equal(saleOf(shopify.order({ note_attributes: [], customer: null })), null);
});

test('a sale that is held is discarded by its full refund', async () => {
  sandbox.reset();
  process.env.OUTBOX = path.join(folder, 'held.db');
  // The module with the outbox is loaded once in a folder, and was closed above.
  const held = path.join(folder, 'held');
  fs.mkdirSync(held);
  for (const name of ['hold.js', 'report-outbox.js']) fs.copyFileSync(path.join(folder, name), path.join(held, name));
  const { outbox } = await load('held/report-outbox');
  const { handle } = await load('held/hold');
  const sale = (/** @type {string} */ id) =>
    stripe.stripeEvent('checkout.session.completed', stripe.session({ payment_intent: id }));
  await handle(sale('pi_kept'));
  await handle(sale('pi_refunded'));
  assert.equal((await outbox.stats()).held, 2);
  const part = stripe.charge({ payment_intent: 'pi_kept', amount_refunded: 100, refunded: false });
  await handle(stripe.stripeEvent('charge.refunded', part));
  await handle(stripe.stripeEvent('charge.refunded', stripe.charge({ payment_intent: 'pi_refunded' })));
  assert.equal((await outbox.stats()).held, 1);
  await outbox.close();
  assert.equal(sandbox.sales.length, 0);
});

test('the links of the page lead somewhere', () => {
  for (const [, link = ''] of page.matchAll(/\]\(([^)#]+)\)/g)) {
    assert.ok(fs.existsSync(path.resolve(root, 'docs', link)), link);
  }
});
