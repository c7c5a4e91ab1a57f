/** In seconds. A server does not decide over more. */
const LONGEST = 3600;

/**
 * How long a response asks to wait (`Retry-After`, or `retry-after-ms`, which is the finer one), in seconds.
 * @param now in ms, for a response without `Date`
 * @returns undefined if neither can be understood
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const wait = decimal(headers.get('retry-after-ms'), 1e-3) ?? secondsOrDate(headers, now);
  return wait === undefined ? undefined : Math.min(wait, LONGEST);
}

function secondsOrDate(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  const date = httpDate(value);
  if (date === undefined) return decimal(value, 1);
  // By the server's own clock, as far as it shows it.
  const answered = httpDate(headers.get('date')?.trim() ?? '') ?? now;
  return Math.max(0, (date - answered) / 1000);
}

/**
 * Decimal digits with an optional fraction. Signs, exponents, `inf` and `nan` are in no RFC.
 * @param unit in seconds
 */
function decimal(value: string | null, unit: number): number | undefined {
  if (value === null || !/^(\d+\.?\d*|\.\d+)$/.test(value.trim())) return undefined;
  return Math.round(Math.min(Number(value) * unit, LONGEST) * 1e9) / 1e9;
}

/** The three forms of RFC 9110 §5.6.7, in ms. */
function httpDate(value: string): number | undefined {
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
