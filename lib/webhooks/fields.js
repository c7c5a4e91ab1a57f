'use strict';

/**
 * Reads what a webhook carries without trusting its shape.
 * @module
 */

/**
 * Follows own properties, so that nothing inherited is taken for data.
 *
 * @param {unknown} value
 * @param {...string} path
 * @returns {unknown} `undefined` where the path ends early
 */
function field(value, ...path) {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = /** @type {Record<string, unknown>} */ (at)[name];
  }
  return at;
}

/**
 * A field of an object that is written `snake_case` on the wire and `camelCase` by the processor's SDK.
 *
 * @param {unknown} value
 * @param {string} name in `snake_case`
 * @returns {unknown}
 */
function eitherCase(value, name) {
  return (
    field(value, name) ??
    field(
      value,
      name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
    )
  );
}

/** No list of a payment is longer; a longer one is no list of a payment. */
const LONGEST_LIST = 1000;

/**
 * @param {unknown} value
 * @returns {readonly unknown[]} empty if it is no list
 */
const list = (value) => (Array.isArray(value) ? value.slice(0, LONGEST_LIST) : []);

/**
 * @param {unknown} value
 * @returns {number} 0 if it is no whole number
 */
const whole = (value) => (Number.isSafeInteger(value) ? /** @type {number} */ (value) : 0);

module.exports = { eitherCase, field, list, whole };
