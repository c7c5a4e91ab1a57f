import type { CommissionInput, CommissionRule } from '../../types/testing.js';

/**
 * Returns the commission in the unit of the amount.
 *
 * @throws {TypeError} if a commission function does not return a number
 */
export function computeCommission(rule: CommissionRule, sale: CommissionInput): number {
  if (sale.click.link === null) return 0;
  if (typeof rule === 'function') {
    const commission = rule(sale);
    if (Number.isFinite(commission)) return Math.round(commission);
    throw new TypeError(`The commission function must return a number, got ${commission}`);
  }
  return Math.round('percent' in rule ? (sale.amount * rule.percent) / 100 : rule.flat);
}
