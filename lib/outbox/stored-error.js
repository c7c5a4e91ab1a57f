'use strict';

const { errorNamed } = require('../client/errors.ts');

/**
 * Errors in the store: what a person needs to decide about a parked entry, and no more.
 * @module
 */

/** @typedef {{ name: string, message: string, [detail: string]: unknown }} StoredError */

/**
 * @param {import('../../index.js').RefportError | null} error
 * @returns {StoredError | null}
 */
function toStored(error) {
  if (error === null) return null;
  const { name, message, status, code, attempts, ambiguous, retryable, retryAfter, requestId } = error;
  return { name, message, status, code, attempts, ambiguous, retryable, retryAfter, requestId };
}

/**
 * @param {StoredError | null | undefined} stored
 * @returns {import('../../index.js').RefportError | null}
 */
function fromStored(stored) {
  if (!stored) return null;
  const { name, message, ...details } = stored;
  return errorNamed(name, message, details);
}

module.exports = { fromStored, toStored };
