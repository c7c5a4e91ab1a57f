/**
 * Describes amounts that the API accepts but that are most likely mistakes: dollars instead of cents, a refund sent
 * as a sale, a number that has lost its precision.
 *
 * @param amount - in the smallest unit of its currency
 */
export function findAmountWarning(amount: unknown): string | null {
  if (typeof amount !== 'number') return null;
  if (amount < 0) return `amount ${amount} is negative`;
  if (!Number.isInteger(amount)) return `amount ${amount} is not whole: it is in the smallest unit, such as cents`;
  if (!Number.isSafeInteger(amount)) return `amount ${amount} is too large to be exact`;
  return null;
}
