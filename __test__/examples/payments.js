'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const { CLICK_ID } = require('./customer.js');
const { install } = require('./packages.js');
const { processors } = require('./payment-webhooks.js');
const { serve } = require('./processes.js');
const { reportTo, withSandbox } = require('./shop.js');
const { Visitor } = require('./visitor.js');

/**
 * The examples of payment webhooks: from the click at the checkout to the commission.
 * @module
 */

/**
 * @typedef {import('./processes.js').App} App
 * @typedef {import('refport/testing').Sandbox} Sandbox
 * @typedef {import('./payment-webhooks.js').Processor} Processor
 * @typedef {import('./payment-webhooks.js').Webhook} Webhook
 * @typedef {import('./payment-webhooks.js').Metadata} Metadata
 */

/** A stand-in for a processor's API: keeps what it is sent and answers with a checkout. */
async function startMock() {
  /** @type {string[]} */
  const sent = [];
  const server = http.createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    sent.push(body);
    res.writeHead(201, { 'content-type': 'application/json', connection: 'close' });
    // A checkout, and a list of what an intent paid.
    const data = [{ invoice: 'in_8Refunded' }];
    res.end(JSON.stringify({ id: 'checkout_1', url: 'https://pay.example.com/checkout_1', data }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { sent, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/**
 * @param {App} app
 * @param {Webhook} webhook
 * @returns {Promise<number>} the status
 */
async function deliver(app, { payload, headers }) {
  const init = { method: 'POST', body: payload, headers: { ...headers, connection: 'close' } };
  const { status } = await fetch(`${app.url}/webhook`, { ...init, signal: AbortSignal.timeout(30_000) });
  return status;
}

/**
 * Somebody without a click buys, and somebody with one.
 *
 * @param {Processor} processor
 * @param {App} app
 * @param {Sandbox} sandbox
 * @param {string[]} sent
 * @returns {Promise<Metadata>} what travels with the payment
 */
async function buy(processor, app, sandbox, sent) {
  const nobody = await processor.checkout(new Visitor(app.url), sent);
  assert.deepEqual(nobody, {});
  for (const webhook of processor.first(nobody)) assert.equal(await deliver(app, webhook), 200);
  assert.equal(sandbox.requests.length, 0, 'somebody without a click was reported');

  const metadata = await processor.checkout(new Visitor(app.url, CLICK_ID), sent);
  assert.equal(metadata.refp_id, CLICK_ID);
  const forged = processor.first(metadata).map(({ payload, headers }) => ({ payload, headers: forge(headers) }));
  for (const webhook of forged) assert.match(String(await deliver(app, webhook)), /^40[013]$/);
  assert.equal(sandbox.sales.length, 0, 'a forged webhook was believed');
  return metadata;
}

/**
 * The first payment, while the API is down.
 *
 * @param {Processor} processor
 * @param {App} app
 * @param {() => Promise<App>} start
 * @param {Sandbox} sandbox
 * @param {Webhook} webhook
 * @returns {Promise<App>} the app, which may have been started again
 */
async function payInOutage(processor, app, start, sandbox, webhook) {
  const outage = sandbox.fail({ on: 'sale', status: 503, times: Infinity });
  if (!processor.outbox) {
    assert.equal(await deliver(app, webhook), 503);
    outage.remove();
    return app;
  }
  assert.equal(await deliver(app, webhook), 200);
  await sandbox.waitForRequest(({ call }) => call === 'sale');
  await app.stop();
  outage.remove();
  const restarted = await start();
  await restarted.explain(sandbox.waitForSale(undefined, { timeout: 30_000 }));
  return restarted;
}

/**
 * What follows the first payment: webhooks that come again, a renewal, a refund, a click that never was.
 *
 * @param {Processor} processor
 * @param {App} app
 * @param {Sandbox} sandbox
 * @param {Metadata} metadata
 */
async function payOn(processor, app, sandbox, metadata) {
  const paid = processor.first(metadata);
  // The processor delivers again what was not taken, and sometimes what was.
  for (const webhook of [...paid, ...paid]) assert.equal(await deliver(app, webhook), 200);
  const first = await sandbox.waitForSale();
  assert.equal(sandbox.sales.length, 1, 'one payment is one sale');
  assert.equal(await deliver(app, processor.second(metadata)), 200);
  await sandbox.waitForSale(({ id }) => id !== first.id);
  assert.equal(await deliver(app, processor.refund(metadata)), 200);

  assert.equal(await deliver(app, processor.stray({ ...metadata, refp_id: 'never clicked' })), 200);
  await sandbox.waitForRequest(({ response }) => response?.status === 400);
  checkSales(processor, sandbox.sales, metadata);
}

/**
 * Two sales are held, one of them is refunded meanwhile: the other one arrives.
 *
 * @param {(env: Record<string, string>) => Promise<App>} start
 * @param {Sandbox} sandbox
 * @param {ReturnType<NonNullable<Processor['held']>>} held
 */
async function refundInTime(start, sandbox, held) {
  sandbox.reset();
  const app = await start({ OUTBOX: 'held.db', REFUND_WINDOW_DAYS: String(5 / (24 * 60 * 60)) });
  for (const webhook of [held.refunded, held.kept, held.refund]) assert.equal(await deliver(app, webhook), 200);
  assert.equal(sandbox.sales.length, 0, 'a sale was not held');
  await app.explain(sandbox.waitForSale(undefined, { timeout: 30_000 }));
  await app.stop();
  assert.deepEqual(
    sandbox.sales.map(({ params }) => params.invoiceId),
    ['in_9Kept'],
  );
}

/** @param {Record<string, string>} headers */
const forge = (headers) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, /sign|hmac|authorization/.test(name) ? `${value}0` : value]),
  );

/**
 * @param {Processor} processor
 * @param {import('refport/testing').Sandbox['sales']} sales
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
        const start = (more = {}) => serve(copy, { ...reportTo(sandbox), ...processor.env, ...env, ...more });
        const first = await start();
        const metadata = await first.explain(buy(processor, first, sandbox, mock.sent));
        const webhook = processor.first(metadata).at(-1) ?? assert.fail();
        const app = await first.explain(payInOutage(processor, first, start, sandbox, webhook));
        await app.explain(payOn(processor, app, sandbox, metadata));
        await app.stop();
        if (processor.held) await refundInTime(start, sandbox, processor.held(metadata));
      });
    } finally {
      mock.close();
    }
    return 'two payments, two commissions';
  };
}

module.exports = { payments };
