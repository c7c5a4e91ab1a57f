'use strict';

const { RefportValidationError } = require('./errors.js');
const { warnOnce } = require('./warn.js');

/**
 * What of a sale's amount shows here only: JSON writes NaN and Infinity as null.
 * @param {unknown} params
 */
function checkAmount(params) {
  const { amount } = /** @type {{ amount?: unknown }} */ (params ?? {});
  if (typeof amount !== 'number' || Number.isInteger(amount)) return;
  if (!Number.isFinite(amount)) {
    throw new RefportValidationError(`amount must be a number in the smallest unit of the currency, not ${amount}`);
  }
  // The API decides.
  warnOnce(
    'A sale was reported with a fraction in its amount. It is counted in the smallest unit of the currency: 4900 is $49.00.',
    'REFPORT_AMOUNT_FRACTION',
  );
}

module.exports = { checkAmount };
