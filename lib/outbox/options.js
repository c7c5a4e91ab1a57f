'use strict';

const path = require('node:path');
const { RefportValidationError } = require('../client/errors.ts');
const { checkOptionNames, optionNames } = require('../client/option-names.ts');
const check = require('../client/option-values.ts');

/**
 * Options of an outbox.
 * @module
 */

const HOUR = 60 * 60 * 1000;
const MAX_ID_LENGTH = 500;

const outboxNames = optionNames('new Outbox()', {
  path: ['file', 'filename', 'filepath', 'database', 'db', 'dir', 'directory'],
  concurrency: ['concurrent', 'parallel', 'parallelism', 'workers', 'maxconcurrency'],
  maxEntries: ['limit', 'max', 'maxsize', 'maxitems', 'size'],
  maxAge: ['ttl', 'maxagems', 'expiry', 'expires', 'retention'],
});
const recordNames = optionNames('a recorded conversion', {
  id: ['key', 'jobid', 'dedupeid', 'idempotencykey', 'entryid'],
});

/**
 * @param {unknown} options
 * @returns {import('../engine/engine.ts').OutboxSettings}
 */
function outboxSettings(options) {
  if (typeof options !== 'object' || options === null) {
    throw new RefportValidationError('options must be an object such as { path: "/var/lib/shop/refport.db" }');
  }
  checkOptionNames(options, outboxNames);
  const { path: file, concurrency, maxEntries, maxAge } = /** @type {Record<string, unknown>} */ (options);
  return {
    // Whatever the working directory will be.
    path: path.resolve(check.nonEmptyString('path', file)),
    create: true,
    concurrency: check.integer('concurrency', concurrency ?? 8, { min: 1, max: 256 }),
    maxEntries: check.integer('maxEntries', maxEntries ?? 100_000, { min: 1, max: 10_000_000 }),
    maxAge: check.milliseconds('maxAge', maxAge ?? 72 * HOUR, { max: 10 * 365 * 24 * HOUR }),
  };
}

/**
 * @param {unknown} id
 * @returns {string}
 */
function entryId(id) {
  const text = check.nonEmptyString('id', id);
  if (text.length > MAX_ID_LENGTH) {
    throw new RefportValidationError(`id must not be longer than ${MAX_ID_LENGTH} characters, and has ${text.length}`);
  }
  return check.wellFormed(text);
}

/**
 * @param {unknown} options
 * @returns {string | undefined} the id, if one is given
 */
function recordOptions(options) {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null) {
    throw new RefportValidationError('options must be an object such as { id: "order_1" }');
  }
  checkOptionNames(options, recordNames);
  const { id } = /** @type {{ id?: unknown }} */ (options);
  return id === undefined ? undefined : entryId(id);
}

module.exports = { entryId, outboxSettings, recordOptions };
