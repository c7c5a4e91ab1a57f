const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  ...{ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
});
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
const currencies = new Map<string, (amount: number) => string>();

/** The time of an ISO 8601 date, with the day unless it is today. */
export function formatTime(at: string): string {
  const date = new Date(at);
  return (date.toDateString() === new Date().toDateString() ? clock : dayAndClock).format(date);
}

/** @param at - ISO 8601 */
export const formatDate = (at: string): string => dateAndClock.format(new Date(at));

/** @param duration - milliseconds */
export function formatDuration(duration: number | null): string {
  if (duration === null) return '…';
  if (duration < 10) return `${duration.toFixed(1)} ms`;
  return duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(1)} s`;
}

/** @param error - of a request or an entry of the outbox; its status is 0 without a response */
export const formatError = ({ status, code, message }: { status: number; code: string; message: string }): string =>
  `${status > 0 ? `${status} ` : ''}${code}: ${message}`;

/** @param amount - in the smallest unit of the currency */
export function formatMoney(amount: number, currency: string): string {
  const code = currency.toLowerCase();
  const format = currencies.get(code) ?? currencyFormat(code);
  currencies.set(code, format);
  return format(amount);
}

function currencyFormat(code: string): (amount: number) => string {
  try {
    const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: code });
    const unit = 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
    return (amount) => format.format(amount / unit);
  } catch {
    return (amount) => `${amount} ${code}`;
  }
}

/** @param sums - by currency */
export const formatSums = (sums: ReadonlyMap<string, number>, separator = ' + '): string =>
  [...sums].map(([currency, amount]) => formatMoney(amount, currency)).join(separator);

/** `1 sale`, `4,002 sales`. */
export const formatCount = (count: number, noun: string): string =>
  `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;
