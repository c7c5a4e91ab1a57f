// Smallest units of currencies, by ISO 4217.

/** Digits after the decimal point, where they are not two. */
const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...exponent(0, 'bif clp djf gnf isk jpy kmf krw pyg rwf ugx uyi vnd vuv xaf xof xpf'),
  ...exponent(3, 'bhd iqd jod kwd lyd omr tnd'),
  ...exponent(4, 'clf uyw'),
]);

function exponent(digits: number, currencies: string): [string, number][] {
  return currencies.split(' ').map((currency) => [currency, digits]);
}

/** @param currency in lower case */
export const exponentOf = (currency: string): number => EXPONENTS.get(currency) ?? 2;

/** The code in lower case; `undefined` if it is none. */
export function currencyCode(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z]{3}$/.test(value) ? value.toLowerCase() : undefined;
}

/** More digits than any amount has, few enough for a number to hold them exactly. */
const DECIMAL = /^(\d{1,15})(?:\.(\d{1,20}))?$/;

/**
 * Converts digit by digit: 4.99 * 100 is not 499 in floating point.
 *
 * @param value a decimal, such as `'4.900'` or `4.99`
 * @param currency in lower case
 * @returns in the smallest unit, rounded half up; 0 if it is no decimal, is negative or too large to be exact
 */
export function fromDecimal(value: unknown, currency: string): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return 0;
  const [, units, fraction = ''] = DECIMAL.exec(text) ?? [];
  if (units === undefined) return 0;
  const digits = exponentOf(currency);
  const amount = Number(units + fraction.slice(0, digits).padEnd(digits, '0'));
  const rounded = amount + Number((fraction[digits] ?? '0') >= '5');
  return Number.isSafeInteger(rounded) ? rounded : 0;
}
