'use strict';

/**
 * What a failed attempt means, for its entry and for the outbox as a whole.
 * @module
 */

/**
 * @typedef {'up' | 'doubtful' | 'away' | 'unknown'} Health
 * what an attempt tells of the API: it answers; it failed this once; it is away, asks for time or does not accept the
 * key; nothing
 */

/**
 * @typedef {object} Verdict
 * @property {'rejected' | 'ambiguous' | null} park why the entry is parked; null: it is sent again
 * @property {Health} health
 */

/**
 * @param {import('../../../index.js').RefportError} error
 * @param {boolean} isRepeatable whether the API counts the entry once however often it arrives
 * @returns {Verdict}
 */
function judge(error, isRepeatable) {
  const { status, code, ambiguous, retryable, retryAfter, attempts } = error;
  const isCutOff = code === 'ABORTED';
  if (ambiguous) {
    const health = isCutOff ? 'unknown' : retryAfter === undefined ? 'doubtful' : 'away';
    return { park: isRepeatable ? null : 'ambiguous', health };
  }
  if (isCutOff) return { park: null, health: 'unknown' };
  if (retryable) return { park: null, health: 'away' };
  if (isRefused(error)) return { park: 'rejected', health: attempts === 0 ? 'unknown' : 'up' };
  // The key, the address, the proxy or the certificate is wrong, for all entries.
  if (status < 500) return { park: null, health: 'away' };
  return { park: null, health: 'doubtful' };
}

/**
 * Whether the answer is about the entry alone.
 * @param {import('../../../index.js').RefportError} error
 */
const isRefused = ({ status }) => status >= 400 && status < 500 && ![401, 403, 407].includes(status);

module.exports = { judge };
