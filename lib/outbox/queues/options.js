'use strict';

const { RefportValidationError } = require('../../client/errors.ts');
const check = require('../../client/option-values.ts');
const { entryId } = require('../outbox-options.ts');

/**
 * Checks what the outboxes on queues have in common: the client and the options.
 * @module
 */

const HOUR = 60 * 60 * 1000;
const DEFAULT_MAX_AGE = 72 * HOUR;
const MAX_AGE = 10 * 365 * 24 * HOUR;

/**
 * @typedef {object} CheckedOptions
 * @property {import('./send.js').TrackingClient} refport
 * @property {boolean} records
 * @property {boolean} delivers
 * @property {number} concurrency
 * @property {number} maxAge milliseconds
 */

/**
 * @param {unknown} refport
 * @param {unknown} options
 * @param {readonly string[]} own names of the options of this store
 * @param {string} name of the class, for messages
 * @returns {CheckedOptions}
 */
function checkOptions(refport, options, own, name) {
  const client = /** @type {import('./send.js').TrackingClient | undefined} */ (refport);
  if (typeof client?.track?.lead !== 'function' || typeof client.track.sale !== 'function') {
    throw new RefportValidationError(`new ${name}() needs a client: new ${name}(new Refport(), options)`);
  }
  if (typeof options !== 'object' || options === null) {
    throw new RefportValidationError(`new ${name}() needs options: an object with ${own[0]}`);
  }
  checkNames(options, [...own, 'role', 'concurrency', 'maxAge'], `new ${name}()`);
  const { role = 'both', concurrency = 8, maxAge = DEFAULT_MAX_AGE } = /** @type {Record<string, unknown>} */ (options);
  if (role !== 'producer' && role !== 'worker' && role !== 'both') {
    throw new RefportValidationError("role must be 'producer', 'worker' or 'both'");
  }
  return {
    refport: client,
    records: role !== 'worker',
    delivers: role !== 'producer',
    concurrency: check.integer('concurrency', concurrency, { min: 1, max: 256 }),
    maxAge: check.milliseconds('maxAge', maxAge, { max: MAX_AGE }),
  };
}

/**
 * @param {unknown} options of one recording
 * @param {readonly string[]} own names of the options of this store
 * @returns {{ id?: string | undefined, [option: string]: unknown }}
 */
function recordOptions(options, own) {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null) {
    throw new RefportValidationError('options must be an object such as { id: "order_1" }');
  }
  checkNames(options, ['id', ...own], 'recording');
  const { id, ...rest } = /** @type {Record<string, unknown>} */ (options);
  return { ...rest, id: id === undefined ? undefined : entryId(id) };
}

/**
 * @param {object} options
 * @param {readonly string[]} known
 * @param {string} taker
 */
function checkNames(options, known, taker) {
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  throw new RefportValidationError(`${taker} has no option ${unknown}; there are: ${known.join(', ')}`);
}

/**
 * @param {string} option
 * @param {unknown} value
 * @returns {string | undefined}
 */
function optionalText(option, value) {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new RefportValidationError(`${option} must be a non-empty string`);
}

module.exports = { checkOptions, optionalText, recordOptions };
