'use strict';

const { CUSTOMER } = require('./customer.js');

/**
 * @param {InstanceType<typeof import('./visitor.js').Visitor>} visitor
 * @returns {Promise<import('./shop.js').Visit>}
 */
async function visit(visitor) {
  // Every e-mail address signs up once.
  const email = visitor.cookie('refp_id') ? CUSTOMER.email : 'nobody@example.com';
  const { user } = await visitor.post('/api/auth/sign-up/email', { ...CUSTOMER, email, password: 'correct horse' });
  const { invoiceId } = await visitor.post('/buy');
  return { customerId: user.id, invoiceId };
}

module.exports = { visit };
