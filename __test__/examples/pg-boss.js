'use strict';

const assert = require('node:assert/strict');
const { startPostgres } = require('../support/stores/postgres.js');
const { CUSTOMER } = require('./customer.js');
const { ensureServers } = require('../../scripts/servers.js');
const { install } = require('./packages.js');
const { serve } = require('./processes.js');
const { checkReports, goShopping, reportTo, withSandbox } = require('./shop.js');

/**
 * A customer whose first card is declined: what was recorded in that transaction must not be reported.
 *
 * @param {InstanceType<typeof import('./visitor.js').Visitor>} visitor
 */
async function visit(visitor) {
  const { id } = await visitor.post('/signup', CUSTOMER);
  await assert.rejects(visitor.post('/buy', { card: 'declined' }), /answered with 402/);
  const { invoiceId } = await visitor.post('/buy', { card: 'good' });
  return { customerId: id, invoiceId };
}

/** @type {import('./examples.js').Check} */
async function checkPgBoss(packages) {
  const copy = await install('pg-boss', packages);
  ensureServers('postgresql');
  const postgres = await startPostgres();
  try {
    await withSandbox(async (sandbox) => {
      const app = await serve(copy, { ...reportTo(sandbox), DATABASE_URL: postgres.url });
      const visited = await goShopping(app, visit);
      // The sale that was rolled back was recorded first, and the outbox keeps a customer's order.
      await app.explain(Promise.all([sandbox.waitForLead(), sandbox.waitForSale()]));
      await app.stop();
      checkReports(sandbox, visited);
    });
  } finally {
    await postgres.stop();
  }
  return 'one lead, one sale, and none of the order that was rolled back';
}

module.exports = { checkPgBoss };
