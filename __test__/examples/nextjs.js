'use strict';

const assert = require('node:assert/strict');
const { CUSTOMER } = require('./customer.js');

/**
 * Signs up with the form, as a browser without JavaScript does: the hidden fields name the server action.
 *
 * @param {InstanceType<typeof import('./visitor.js').Visitor>} visitor
 * @returns {Promise<import('./shop.js').Visit>}
 */
async function visit(visitor) {
  const page = await visitor.get('/');
  const form = new FormData();
  for (const [, name = '', value = ''] of page.matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g)) {
    form.set(name, value);
  }
  assert.notEqual([...form].length, 0, `there is no server action in ${page}`);
  for (const [name, value] of Object.entries(CUSTOMER)) form.set(name, value);
  await visitor.post('/', form);
  const { invoiceId } = await visitor.post('/buy');
  return { customerId: visitor.cookie('session') ?? '', invoiceId };
}

module.exports = { visit };
