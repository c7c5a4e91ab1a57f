'use strict';

const assert = require('node:assert/strict');
const { createSandbox } = require('refport/testing');
const { CLICK_ID, CUSTOMER } = require('./customer.js');
const { install } = require('./packages.js');
const { run, serve } = require('./processes.js');
const { Visitor } = require('./visitor.js');

/**
 * The examples that are shops: somebody signs up and buys.
 * @module
 */

/**
 * What a shop tells about a visit.
 * @typedef {{ customerId: string, invoiceId: string }} Visit
 */

/**
 * @typedef {object} Shop
 * @property {string} [build] script that builds it
 * @property {boolean} [link] as `install` takes it
 * @property {number} [exitCode] with which its server ends when asked to, if that is not 0
 * @property {(visitor: InstanceType<typeof Visitor>) => Promise<Visit>} [visit] signs up and buys
 */

/** @param {InstanceType<typeof Visitor>} visitor */
async function visit(visitor) {
  const { id } = await visitor.post('/signup', CUSTOMER);
  const { invoiceId } = await visitor.post('/buy');
  return { customerId: id, invoiceId };
}

/**
 * Checks a shop.
 *
 * @param {string} folder in examples/
 * @param {Shop} [shop]
 * @returns {import('./examples.js').Check}
 */
function shop(folder, { build, link = false, visit: visitShop, exitCode } = {}) {
  return async (packages) => {
    const copy = await install(folder, packages, { link });
    if (build) await run('npm', ['run', build], copy);
    await withSandbox(async (sandbox) => {
      const app = await serve(copy, reportTo(sandbox));
      const visited = await goShopping(app, visitShop);
      await app.explain(Promise.all([sandbox.waitForLead(), sandbox.waitForSale()]));
      // What was still on its way has arrived then.
      await app.stop(exitCode);
      checkReports(sandbox, visited);
    });
    return 'one lead, one sale';
  };
}

/**
 * @param {(sandbox: import('refport/testing').Sandbox) => Promise<void>} use
 */
async function withSandbox(use) {
  const sandbox = await createSandbox({ clicks: [CLICK_ID] });
  try {
    await use(sandbox);
  } finally {
    await sandbox.close();
  }
}

/**
 * Somebody without a partner's click signs up and buys, then somebody with one.
 *
 * @param {import('./processes.js').App} app
 * @param {(visitor: InstanceType<typeof Visitor>) => Promise<Visit>} [visitShop]
 * @returns {Promise<Visit>} that of the second
 */
async function goShopping(app, visitShop = visit) {
  await app.explain(visitShop(new Visitor(app.url)));
  return app.explain(visitShop(new Visitor(app.url, CLICK_ID)));
}

/** @param {import('refport/testing').Sandbox} sandbox */
const reportTo = ({ url, apiKey }) => ({ REFPORT_BASE_URL: url, REFPORT_API_KEY: apiKey });

/**
 * One lead and one sale, both right, and nothing about visitors who did not come from a partner.
 *
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {Visit} visited
 * @param {readonly string[]} [calls] paths of the calls that were to be made
 */
function checkReports({ leads, sales, requests }, { customerId, invoiceId }, calls = CALLS) {
  assert.ok(customerId, 'the shop gave no customer id');
  assert.deepEqual(
    leads.map(({ params }) => params),
    [
      {
        clickId: CLICK_ID,
        eventName: 'Sign up',
        customerExternalId: customerId,
        customerEmail: CUSTOMER.email,
        customerName: CUSTOMER.name,
      },
    ],
  );
  assert.deepEqual(
    sales.map(({ params }) => params),
    [{ clickId: CLICK_ID, customerExternalId: customerId, amount: 4900, currency: 'eur', invoiceId }],
  );
  assert.deepEqual(requests.map(({ path }) => path).sort(), calls);
}

/** Of a visit, in alphabetical order. */
const CALLS = ['/api/track/lead', '/api/track/sale'];

module.exports = { checkReports, goShopping, reportTo, shop, withSandbox };
