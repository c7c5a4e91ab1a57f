const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
/** @type {Map<string, { format: (amount: number) => string }>} */
const currencies = new Map();

/** @param {string} at ISO 8601 */
export const formatTime = (at) => clock.format(new Date(at));

/** @param {number | null} duration milliseconds */
export function formatDuration(duration) {
  if (duration === null) return '…';
  return duration < 10
    ? `${duration.toFixed(1)} ms`
    : duration < 1000
      ? `${Math.round(duration)} ms`
      : `${(duration / 1000).toFixed(1)} s`;
}

/**
 * @param {number} amount in the smallest unit of the currency
 * @param {string} currency
 */
export function formatMoney(amount, currency) {
  const code = currency.toLowerCase();
  const format = currencies.get(code) ?? describeCurrency(code);
  currencies.set(code, format);
  return format.format(amount);
}

/** @param {string} code */
function describeCurrency(code) {
  try {
    const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: code });
    const unit = 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
    return { format: (/** @type {number} */ amount) => format.format(amount / unit) };
  } catch {
    return { format: (/** @type {number} */ amount) => `${amount} ${code}` };
  }
}

/**
 * @param {Map<string, number>} sums by currency
 * @param {string} [separator]
 */
export function formatSums(sums, separator = ' + ') {
  return [...sums].map(([currency, amount]) => formatMoney(amount, currency)).join(separator);
}

/** @param {number} count */
export const formatCount = (count) => count.toLocaleString();
