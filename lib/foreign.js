'use strict';

const { RefportError, RefportValidationError } = require('./errors.js');

/**
 * What a caller's own code throws while the SDK reads its values: getters, proxies, toJSON. It can be anything, and
 * looking at it can throw again.
 * @module
 */

/**
 * The error to reject with.
 * @param {unknown} thrown
 * @param {string} what failed
 * @returns {InstanceType<typeof RefportError>}
 */
function asRefportError(thrown, what) {
  return isOurs(thrown) ? thrown : new RefportValidationError(`${what}: ${reasonOf(thrown)}`, { cause: thrown });
}

/**
 * @param {unknown} thrown
 * @returns {thrown is InstanceType<typeof RefportError>}
 */
function isOurs(thrown) {
  try {
    return thrown instanceof RefportError;
  } catch {
    return false;
  }
}

/** @param {unknown} thrown */
function reasonOf(thrown) {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown).split('\n', 1)[0];
  } catch {
    return 'for a reason that cannot be shown';
  }
}

module.exports = { asRefportError, reasonOf };
