'use strict';

const { fromDecimal } = require('./currency.js');
const { field } = require('./fields.js');
const { saleFrom } = require('./sale.js');

/**
 * https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields says what is relied on here.
 * @module
 */

/** The events in which money comes in. A refund is a `CANCELLATION` with a negative price. */
const PURCHASES = new Set(['INITIAL_PURCHASE', 'RENEWAL', 'NON_RENEWING_PURCHASE']);

/**
 * @param {unknown} event
 * @returns {number} between 0 and 1; 0 where RevenueCat doesn't know
 */
function taxShare(event) {
  const share = field(event, 'tax_percentage');
  return typeof share === 'number' && share >= 0 && share < 1 ? share : 0;
}

/** @param {unknown} attributes `subscriber_attributes`: each is an object with a `value` */
function values(attributes) {
  const entries = typeof attributes === 'object' && attributes !== null ? Object.entries(attributes) : [];
  return Object.fromEntries(entries.map(([name, attribute]) => [name, field(attribute, 'value')]));
}

/**
 * @param {unknown} body the body of the webhook
 * @returns {import('./sale.js').Payment | null}
 */
function readRevenueCat(body) {
  const event = field(body, 'event');
  // Family members that a purchase is shared with paid nothing.
  if (!PURCHASES.has(String(field(event, 'type'))) || field(event, 'is_family_share') === true) return null;
  /** @param {string} currency */
  const total = (currency) => fromDecimal(field(event, 'price_in_purchased_currency'), currency);
  return {
    test: field(event, 'environment') !== 'PRODUCTION',
    invoiceId: field(event, 'transaction_id'),
    currency: field(event, 'currency'),
    net: (currency) => Math.round(total(currency) * (1 - taxShare(event))),
    total,
    metadata: [values(field(event, 'subscriber_attributes'))],
  };
}

/** @type {typeof import('../../types/webhooks.js').saleFromRevenueCat} */
const saleFromRevenueCat = saleFrom('revenuecat', readRevenueCat);

module.exports = { saleFromRevenueCat };
