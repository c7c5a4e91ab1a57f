'use strict';

const assert = require('node:assert/strict');
const { createSandbox } = require('../../testing.js');
const { install } = require('./packages.js');
const { run, serve } = require('./processes.js');
const { Visitor } = require('./visitor.js');

/**
 * The examples that are shops: somebody signs up and buys.
 * @module
 */

/** Needs decoding, as an id of a real click may. */
const CLICK_ID = 'click/ada 7ü';
const CUSTOMER = { email: 'grace@example.com', name: 'Grace Hopper' };

/**
 * What a shop tells about a visit.
 * @typedef {{ customerId: string, invoiceId: string }} Visit
 */

/**
 * @typedef {object} Shop
 * @property {string} [folder] in examples/; the name of the example by default
 * @property {string} [build] script that builds it
 * @property {string} [start] script that starts it
 * @property {boolean} [link] as `install` takes it
 * @property {Record<string, string>} [env]
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
 * @param {string} name
 * @param {Shop} [shop]
 * @returns {import('./examples.js').Check}
 */
function shop(name, { folder = name, build, start, link = false, env, visit: visitShop = visit } = {}) {
  return async (packages) => {
    const copy = await install(folder, packages, { link });
    if (build) await run('npm', ['run', build], copy);
    const sandbox = await createSandbox({ clicks: [CLICK_ID] });
    try {
      const app = await serve(copy, { ...reportTo(sandbox), ...env }, start);
      try {
        await visitShop(new Visitor(app.url));
        const visited = await visitShop(new Visitor(app.url, CLICK_ID));
        await Promise.all([sandbox.waitForLead(), sandbox.waitForSale()]);
        // What was still on its way has arrived then.
        await app.stop();
        checkReports(sandbox, visited);
      } catch (error) {
        throw new Error(`${/** @type {Error} */ (error).message}\nThe shop wrote:\n${app.output()}`, { cause: error });
      }
    } finally {
      await sandbox.close();
    }
    return 'one lead, one sale';
  };
}

/** @param {import('../../testing.js').Sandbox} sandbox */
const reportTo = ({ url, apiKey }) => ({ REFPORT_BASE_URL: url, REFPORT_API_KEY: apiKey });

/**
 * One lead and one sale, both right, and no other call: visitors who did not come from a partner are none of the API's
 * business.
 *
 * @param {import('../../testing.js').Sandbox} sandbox
 * @param {Visit} visited
 */
function checkReports({ leads, sales, requests }, { customerId, invoiceId }) {
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
  assert.deepEqual(
    requests.map(({ path }) => path),
    ['/api/track/lead', '/api/track/sale'],
  );
}

module.exports = { CLICK_ID, CUSTOMER, checkReports, reportTo, shop, visit };
