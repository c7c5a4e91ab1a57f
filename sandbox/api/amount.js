'use strict';

/**
 * The API takes any number as an amount. These are most likely mistakes: dollars where cents are meant, a refund sent
 * as a sale, a number that has lost its precision.
 *
 * @param {unknown} amount in the smallest unit of its currency
 * @returns {string | null} what is doubtful about it
 */
function findAmountWarning(amount) {
  if (typeof amount !== 'number') return null;
  if (amount < 0) return `amount ${amount} is negative`;
  if (!Number.isInteger(amount)) return `amount ${amount} is not whole: it is in the smallest unit, such as cents`;
  if (!Number.isSafeInteger(amount)) return `amount ${amount} is too large to be exact`;
  return null;
}

module.exports = { findAmountWarning };
