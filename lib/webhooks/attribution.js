'use strict';

const { RefportValidationError } = require('../errors.js');
const { field } = require('./fields.js');

/**
 * Metadata that travels with a payment: its click and its customer.
 * @module
 */

/** Keys that every processor accepts in its metadata. */
const CLICK_ID = 'refp_id';
const CUSTOMER = 'refp_customer_id';

/** The longest metadata value that Stripe, Polar and RevenueCat accept. */
const LONGEST = 500;

/**
 * @param {unknown} value
 * @returns {value is string}
 */
const usable = (value) => typeof value === 'string' && value !== '' && value.length <= LONGEST;

/**
 * @param {{ clickId: string | null | undefined, customerExternalId: string }} who
 * @returns {Record<string, string>}
 */
function attribution({ clickId, customerExternalId }) {
  if (!usable(customerExternalId)) {
    const remedy = 'Pass your own id of the customer, a number as String(id).';
    throw new RefportValidationError(`customerExternalId must be a string of 1 to ${LONGEST} characters. ${remedy}`);
  }
  // A cookie can hold anything: one that a processor would refuse must not cost the checkout.
  return usable(clickId) ? { [CLICK_ID]: clickId, [CUSTOMER]: customerExternalId } : {};
}

/**
 * @param {readonly unknown[]} places metadata objects that may hold it; the first that does counts
 * @param {unknown} options of the caller, who knows better
 * @returns {{ clickId: string, customerExternalId: string } | null}
 */
function readAttribution(places, options) {
  const place = places.find((metadata) => usable(field(metadata, CLICK_ID)));
  const clickId = field(options, 'clickId') ?? field(place, CLICK_ID);
  const customerExternalId = field(options, 'customerExternalId') ?? field(place, CUSTOMER);
  return usable(clickId) && usable(customerExternalId) ? { clickId, customerExternalId } : null;
}

module.exports = { attribution, readAttribution };
