'use strict';

const { readAttribution } = require('./attribution.js');
const { currencyCode } = require('./currency.js');
const { field } = require('./fields.js');

/**
 * Makes a sale of a processor's payment.
 * @module
 */

/**
 * @typedef {import('../../index.js').TrackSaleParams} TrackSaleParams
 * @typedef {import('../../types/webhooks.js').SaleOptions} SaleOptions
 */

/**
 * A completed payment. A reader gives `null` for anything else.
 * @typedef {object} Payment
 * @property {boolean} test whether no money changed hands
 * @property {unknown} invoiceId the same in every event about this payment
 * @property {unknown} currency
 * @property {(currency: string) => number} net in the smallest unit, without tax and shipping
 * @property {(currency: string) => number} total in the smallest unit, all that was paid
 * @property {readonly unknown[]} metadata objects that may hold the attribution
 */

/**
 * @template Event
 * @param {import('../../index.js').PaymentProcessor} paymentProcessor
 * @param {(event: unknown) => Payment | null} read
 * @returns {(event: Event, options?: SaleOptions) => TrackSaleParams | null}
 */
function saleFrom(paymentProcessor, read) {
  return (event, options) => {
    try {
      const payment = read(event);
      return payment && toSale(paymentProcessor, payment, options);
    } catch {
      // Properties that throw are not from a processor's event.
      return null;
    }
  };
}

/**
 * @param {import('../../index.js').PaymentProcessor} paymentProcessor
 * @param {Payment} payment
 * @param {unknown} options
 * @returns {TrackSaleParams | null}
 */
function toSale(paymentProcessor, payment, options) {
  if (payment.test && field(options, 'includeTest') !== true) return null;
  const who = readAttribution(payment.metadata, options);
  const currency = currencyCode(payment.currency);
  const { invoiceId } = payment;
  if (!who || !currency || typeof invoiceId !== 'string' || invoiceId === '') return null;
  const amount = field(options, 'amount') === 'total' ? payment.total(currency) : payment.net(currency);
  // Also false for what is not a number.
  if (!(amount > 0)) return null;
  return { ...who, amount, currency, invoiceId, paymentProcessor };
}

/**
 * The part of an amount that was paid when a customer's balance covered the rest. What went into a balance was counted
 * when it was paid.
 *
 * @param {number} amount
 * @param {number} paid
 * @param {number} total what `paid` would be if nothing had been covered
 * @returns {number}
 */
const paidPart = (amount, paid, total) => (paid < total ? Math.round(amount * (paid / total)) : amount);

module.exports = { paidPart, saleFrom };
