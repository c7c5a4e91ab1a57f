'use strict';

/**
 * @param {import('../../types/testing.js').CommissionRule} rule
 * @param {import('../../types/testing.js').CommissionInput} sale
 * @returns {number} in the unit of the amount
 * @throws {TypeError} if a function returns no number
 */
function computeCommission(rule, sale) {
  if (sale.click.link === null) return 0;
  if (typeof rule === 'function') {
    const commission = rule(sale);
    if (!Number.isFinite(commission))
      throw new TypeError(`The commission function must return a number, got ${commission}`);
    return Math.round(commission);
  }
  return Math.round('percent' in rule ? (sale.amount * rule.percent) / 100 : rule.flat);
}

exports.computeCommission = computeCommission;
