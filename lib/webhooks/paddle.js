'use strict';

const { eitherCase, field } = require('./fields.js');
const { paidPart, saleFrom } = require('./sale.js');

/**
 * https://developer.paddle.com/webhooks/transactions/transaction-completed and
 * https://developer.paddle.com/build/transactions/custom-data say what is relied on here.
 * @module
 */

/** A transaction is paid first and completed a moment later; it is one sale. */
const PAID = new Set(['transaction.paid', 'transaction.completed']);

/**
 * @param {unknown} totals
 * @param {string} name
 * @returns {number} Paddle writes whole numbers of the smallest unit as strings
 */
function amountOf(totals, name) {
  const value = eitherCase(totals, name);
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}

/**
 * @param {unknown} event as sent, or as `webhooks.unmarshal` returns it
 * @returns {import('./sale.js').Payment | null}
 */
function readPaddle(event) {
  const transaction = field(event, 'data');
  if (!PAID.has(String(eitherCase(event, 'event_type')))) return null;
  const totals = field(transaction, 'details', 'totals');
  const total = amountOf(totals, 'total');
  // What is left to pay after credits of the customer.
  const paid = amountOf(totals, 'grand_total');
  const net = paidPart(total - amountOf(totals, 'tax'), paid, total);
  return {
    // Events of the simulator are named so; those of a sandbox account are not told apart by anything they carry.
    test: String(eitherCase(event, 'event_id')).startsWith('ntfsimevt_'),
    invoiceId: field(transaction, 'id'),
    currency: eitherCase(totals, 'currency_code') ?? eitherCase(transaction, 'currency_code'),
    net: () => net,
    total: () => paid,
    // Paddle copies it to the subscription, and from there to each renewal.
    metadata: [eitherCase(transaction, 'custom_data')],
  };
}

/** @type {typeof import('../../types/webhooks.js').saleFromPaddle} */
const saleFromPaddle = saleFrom('paddle', readPaddle);

module.exports = { saleFromPaddle };
