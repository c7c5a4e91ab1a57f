'use strict';

const { inspect } = require('node:util');
const { SandboxError } = require('./errors.js');

/**
 * Each check returns the value it was given, or throws an error that names the option, says what it must be and
 * shows what it is.
 *
 * @param {string} name
 * @param {string} expected
 * @param {unknown} value
 */
function misuse(name, expected, value) {
  const shown = inspect(value, { depth: 0, breakLength: Infinity }).slice(0, 100);
  return new SandboxError('INVALID_OPTION', `${name} must be ${expected}, got ${shown}`);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {readonly string[]} [known] keys that it may have; any when left out
 * @returns {Record<string, unknown>}
 */
function checkObject(name, value, known) {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw misuse(name, 'an object', value);
  const stranger = Object.keys(value).find((key) => known && !known.includes(key));
  if (stranger !== undefined) {
    throw new SandboxError('INVALID_OPTION', `${name} has no option "${stranger}"; it takes ${known?.join(', ')}`);
  }
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} lowest
 * @param {number} highest
 * @returns {number}
 */
function checkNumber(name, value, lowest, highest) {
  if (typeof value !== 'number' || !(value >= lowest && value <= highest)) {
    throw misuse(name, `a number from ${lowest} to ${highest}`, value);
  }
  return value;
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} lowest
 * @param {number} highest
 * @returns {number}
 */
function checkInteger(name, value, lowest, highest) {
  if (
    typeof value !== 'number' ||
    (!Number.isInteger(value) && value !== Infinity) ||
    value < lowest ||
    value > highest
  ) {
    throw misuse(name, `a whole number from ${lowest} to ${highest}`, value);
  }
  return value;
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {string}
 */
function checkString(name, value) {
  if (typeof value !== 'string' || value === '') throw misuse(name, 'a non-empty string', value);
  return value;
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {boolean}
 */
function checkBoolean(name, value) {
  if (typeof value !== 'boolean') throw misuse(name, 'true or false', value);
  return value;
}

/**
 * @template {string} T
 * @param {string} name
 * @param {unknown} value
 * @param {readonly T[]} choices
 * @returns {T}
 */
function checkChoice(name, value, choices) {
  if (!choices.includes(/** @type {T} */ (value))) throw misuse(name, `one of ${choices.join(', ')}`, value);
  return /** @type {T} */ (value);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {unknown[]}
 */
function checkList(name, value) {
  if (!Array.isArray(value)) throw misuse(name, 'an array', value);
  return value;
}

module.exports = { misuse, checkObject, checkNumber, checkInteger, checkString, checkBoolean, checkChoice, checkList };
