'use strict';

/**
 * `Retry-After` and `retry-after-ms`, in every form that servers send (src/api/retry_after.rs).
 * @module
 */

/** More seconds than the addon can count. */
const TOO_MANY = 2 ** 64;

/**
 * How long a response asks to wait, in seconds: `retry-after-ms` first, as it is the finer one.
 * @param {Headers} headers
 * @param {number} now in ms, for a response without `Date`
 * @returns {number | undefined} undefined if neither can be understood
 */
function retryAfter(headers, now) {
  const ms = headers.get('retry-after-ms');
  const waited = ms === null ? undefined : number(ms, 1e-3);
  if (waited !== undefined) return waited;
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  const seconds = number(value, 1);
  if (seconds !== undefined) return seconds;
  const date = httpDate(value);
  // A date of the server's clock, which its own Date shows.
  const answered = httpDate(headers.get('date')?.trim() ?? '') ?? now;
  return date === undefined ? undefined : Math.max(0, (date - answered) / 1000);
}

/**
 * Decimal digits with an optional fraction; signs, exponents, `inf` and `nan` are not in any RFC.
 * @param {string} value
 * @param {number} unit in seconds
 */
function number(value, unit) {
  if (!/^(\d+\.?\d*|\.\d+)$/.test(value.trim())) return undefined;
  const seconds = Number(value) * unit;
  return seconds < TOO_MANY ? Math.round(seconds * 1e9) / 1e9 : undefined;
}

/**
 * The three forms of RFC 9110 §5.6.7.
 * @param {string} value
 * @returns {number | undefined} in ms
 */
function httpDate(value) {
  const fixed = value
    // Sunday, 06-Nov-94 08:49:37 GMT
    .replace(
      /^(\w{3})\w*day, (\d\d)-(\w{3})-(\d\d) (.*)$/,
      (_, weekday, day, month, year, rest) => `${weekday}, ${day} ${month} ${year < '70' ? 20 : 19}${year} ${rest}`,
    )
    // Sun Nov  6 08:49:37 1994
    .replace(
      /^(\w{3}) (\w{3}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})$/,
      (_, weekday, month, day, time, year) => `${weekday}, ${day.replace(' ', '0')} ${month} ${year} ${time} GMT`,
    );
  const time = Date.parse(fixed);
  // Date.parse takes a lot for a date that no server means.
  return time >= 0 && new Date(time).toUTCString() === fixed ? time : undefined;
}

module.exports = { retryAfter };
