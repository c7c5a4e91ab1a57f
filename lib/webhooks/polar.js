'use strict';

const { eitherCase, field, whole } = require('./fields.js');
const { paidPart, saleFrom } = require('./sale.js');

/**
 * https://polar.sh/docs/integrate/webhooks/events and https://polar.sh/docs/api-reference/webhooks/order.paid say what
 * is relied on here.
 * @module
 */

/**
 * @param {unknown} event as sent, or as `validateEvent` returns it
 * @returns {import('./sale.js').Payment | null}
 */
function readPolar(event) {
  // `order.created` comes before the payment, `order.updated` comes for refunds too.
  if (field(event, 'type') !== 'order.paid') return null;
  const order = field(event, 'data');
  const total = whole(eitherCase(order, 'total_amount'));
  // What is left to pay after the customer's balance.
  const paid = whole(eitherCase(order, 'due_amount') ?? total);
  const net = paidPart(whole(eitherCase(order, 'net_amount')), paid, total);
  return {
    // Nothing in an order says whether it is from Polar's sandbox, which signs with a secret of its own.
    test: false,
    invoiceId: field(order, 'id'),
    currency: field(order, 'currency'),
    net: () => net,
    total: () => paid,
    // Polar copies a checkout's metadata to its order and its subscription, and a subscription's to its orders.
    metadata: [field(order, 'metadata'), field(order, 'subscription', 'metadata')],
  };
}

/** @type {typeof import('../../types/webhooks.js').saleFromPolar} */
const saleFromPolar = saleFrom('polar', readPolar);

module.exports = { saleFromPolar };
