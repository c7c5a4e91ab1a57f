'use strict';

const { exponentOf } = require('./currency.js');
const { field, list, whole } = require('./fields.js');
const { paidPart, saleFrom } = require('./sale.js');

/**
 * https://docs.stripe.com/api/events/types, https://docs.stripe.com/payments/checkout/fulfillment,
 * https://docs.stripe.com/api/invoices/object, https://docs.stripe.com/currencies and
 * https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices say what is
 * relied on here.
 * @module
 */

/** @typedef {import('./sale.js').Payment} Payment */

/** The digits after the decimal point in Stripe's amounts, where they are not those of ISO 4217. */
const STRIPE_EXPONENTS = new Map([
  // Whole units by ISO 4217, hundredths for Stripe: "to charge 5 ISK, provide an amount value of 500".
  ['isk', 2],
  ['ugx', 2],
  // The other way round: Stripe lists the ariary as a zero-decimal currency.
  ['mga', 0],
]);

/**
 * @param {number} amount in Stripe's unit
 * @param {string} currency in lower case
 * @returns {number} in the smallest unit of ISO 4217
 */
function toSmallestUnit(amount, currency) {
  const digits = exponentOf(currency);
  return Math.round(amount * 10 ** (digits - (STRIPE_EXPONENTS.get(currency) ?? digits)));
}

/** @param {unknown} shipping `shipping_cost` of a session or an invoice */
const shippingBeforeTax = (shipping) => whole(field(shipping, 'amount_total')) - whole(field(shipping, 'amount_tax'));

/**
 * @param {unknown} session
 * @returns {Omit<Payment, 'test'> | null}
 */
function fromSession(session) {
  // The first payment of a subscription has an invoice as its renewals have, and is counted by that.
  if (field(session, 'mode') !== 'payment' || field(session, 'payment_status') !== 'paid') return null;
  const total = whole(field(session, 'amount_total'));
  const tax = whole(field(session, 'total_details', 'amount_tax'));
  const net = total - tax - shippingBeforeTax(field(session, 'shipping_cost'));
  return {
    invoiceId: field(session, 'id'),
    currency: field(session, 'currency'),
    net: (currency) => toSmallestUnit(net, currency),
    total: (currency) => toSmallestUnit(total, currency),
    metadata: [field(session, 'metadata')],
  };
}

/** @param {unknown} invoice */
function invoiceBeforeTax(invoice) {
  const stated = field(invoice, 'total_excluding_tax');
  if (Number.isSafeInteger(stated)) return whole(stated);
  // Invoices of API versions before 2022-08-01.
  return whole(field(invoice, 'total')) - whole(field(invoice, 'tax'));
}

/** @param {unknown} invoice */
function amountPaid(invoice) {
  // By bank transfer for example. Since 2025-03-31.basil it is part of `amount_paid`, and the flag is gone.
  const isOutOfBand = field(invoice, 'paid_out_of_band') === true;
  return whole(field(invoice, isOutOfBand ? 'amount_due' : 'amount_paid'));
}

/**
 * @param {unknown} invoice
 * @returns {Omit<Payment, 'test'> | null}
 */
function fromInvoice(invoice) {
  // `subscription` was moved into `parent` in 2025-03-31.basil. Invoices without one are made by hand, or for a session
  // in payment mode, which is counted by itself.
  const subscription =
    field(invoice, 'parent', 'subscription_details', 'subscription') ?? field(invoice, 'subscription');
  if (!subscription || field(invoice, 'status') !== 'paid') return null;
  const paid = amountPaid(invoice);
  const net = invoiceBeforeTax(invoice) - shippingBeforeTax(field(invoice, 'shipping_cost'));
  const part = paidPart(net, paid, whole(field(invoice, 'total')));
  return {
    invoiceId: field(invoice, 'id'),
    currency: field(invoice, 'currency'),
    net: (currency) => toSmallestUnit(part, currency),
    total: (currency) => toSmallestUnit(paid, currency),
    metadata: [
      field(invoice, 'metadata'),
      field(invoice, 'parent', 'subscription_details', 'metadata'),
      // Until 2025-02-24.acacia, filled since June 2023.
      field(invoice, 'subscription_details', 'metadata'),
      // In any version: lines of a subscription carry its metadata.
      ...list(field(invoice, 'lines', 'data')).map((line) => field(line, 'metadata')),
    ],
  };
}

/** Which reader an event is for. The two events of an invoice, and those of a session, have one `invoiceId`. */
const READERS = new Map([
  ['checkout.session.completed', fromSession],
  ['checkout.session.async_payment_succeeded', fromSession],
  ['invoice.paid', fromInvoice],
  ['invoice.payment_succeeded', fromInvoice],
]);

/**
 * @param {unknown} event
 * @returns {Payment | null}
 */
function readStripe(event) {
  const read = READERS.get(String(field(event, 'type')));
  const payment = read?.(field(event, 'data', 'object'));
  return payment ? { ...payment, test: field(event, 'livemode') !== true } : null;
}

/** @type {typeof import('../../types/webhooks.js').saleFromStripe} */
const saleFromStripe = saleFrom('stripe', readStripe);

module.exports = { saleFromStripe };
