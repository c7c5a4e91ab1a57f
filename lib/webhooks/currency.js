'use strict';

/**
 * Smallest units of currencies, by ISO 4217.
 * @module
 */

/**
 * Digits after the decimal point, where they are not two.
 * @type {ReadonlyMap<string, number>}
 */
const EXPONENTS = new Map([
  ...exponent(0, 'bif clp djf gnf isk jpy kmf krw pyg rwf ugx uyi vnd vuv xaf xof xpf'),
  ...exponent(3, 'bhd iqd jod kwd lyd omr tnd'),
  ...exponent(4, 'clf uyw'),
]);

/**
 * @param {number} digits
 * @param {string} currencies
 * @returns {[string, number][]}
 */
function exponent(digits, currencies) {
  return currencies.split(' ').map((currency) => [currency, digits]);
}

/** @param {string} currency in lower case */
const exponentOf = (currency) => EXPONENTS.get(currency) ?? 2;

/**
 * @param {unknown} value
 * @returns {string | undefined} the code in lower case
 */
function currencyCode(value) {
  return typeof value === 'string' && /^[A-Za-z]{3}$/.test(value) ? value.toLowerCase() : undefined;
}

/** More digits than any amount has, few enough for a number to hold them exactly. */
const DECIMAL = /^(\d{1,15})(?:\.(\d{1,20}))?$/;

/**
 * Converts digit by digit: 4.99 * 100 is not 499 in floating point.
 *
 * @param {unknown} value a decimal, such as `'4.900'` or `4.99`
 * @param {string} currency in lower case
 * @returns {number} in the smallest unit, rounded half up; 0 if it is no decimal, is negative or too large to be exact
 */
function fromDecimal(value, currency) {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return 0;
  const [, units, fraction = ''] = DECIMAL.exec(text) ?? [];
  if (units === undefined) return 0;
  const digits = exponentOf(currency);
  const amount = Number(units + fraction.slice(0, digits).padEnd(digits, '0'));
  const rounded = amount + Number((fraction[digits] ?? '0') >= '5');
  return Number.isSafeInteger(rounded) ? rounded : 0;
}

module.exports = { currencyCode, exponentOf, fromDecimal };
