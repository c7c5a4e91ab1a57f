'use strict';

/**
 * Which failures may be tried again, and after how long (src/api/retry.rs). The question is never "is it temporary" but
 * "can the server have counted it".
 * @module
 */

/** What the server can have done with an attempt that failed. */
const RetryClass = /** @type {const} */ ({
  /** Nothing: it never got the request. */
  notProcessed: 'notProcessed',
  /** It said no for now: 429, or 503 with `Retry-After`. */
  refused: 'refused',
  /** Nobody can tell: the connection broke, a gateway's 5xx. */
  ambiguous: 'ambiguous',
  /** Like `ambiguous`, and it may still be working on it. */
  ambiguousTimeout: 'ambiguousTimeout',
  /** It may have done it, and its answer is of no use: trying again now would end the same way. */
  ambiguousFinal: 'ambiguousFinal',
  /** Trying again would end the same way. */
  final: 'final',
});

/** @typedef {keyof typeof RetryClass} Class */

/** A server that asks for a longer wait is not waited for: the caller gets the error and the time. In ms. */
const MAX_WAIT = 60_000;
const FIRST_BACKOFF = 500;
const MAX_BACKOFF = 8_000;
/** After a read timeout the server may still be at work on the first copy. */
const AFTER_TIMEOUT = 2_000;

/**
 * The class of a complete answer other than 2xx.
 * @param {number} status
 * @param {boolean} hasRetryAfter
 * @returns {Class}
 */
function classOfStatus(status, hasRetryAfter) {
  if (status === 429 || (status === 503 && hasRetryAfter)) return RetryClass.refused;
  if ([408, 500, 502, 503, 504].includes(status)) return RetryClass.ambiguous;
  return status > 500 ? RetryClass.ambiguousFinal : RetryClass.final;
}

/**
 * Whether the call may have been recorded.
 * @param {Class} retryClass
 */
const isAmbiguous = (retryClass) => retryClass.startsWith(RetryClass.ambiguous);

/**
 * Whether sending again cannot count a conversion twice (or the caller said it does not matter).
 * @param {Class} retryClass
 * @param {boolean} isIdempotent
 * @param {boolean} retryAmbiguous
 */
function allowsRetry(retryClass, isIdempotent, retryAmbiguous) {
  if (retryClass === RetryClass.final || retryClass === RetryClass.ambiguousFinal) return false;
  return !isAmbiguous(retryClass) || isIdempotent || retryAmbiguous;
}

/**
 * What a call's last failure means to whoever holds the call.
 * @param {Class} retryClass
 * @param {boolean} ambiguous whether any of its attempts may have been recorded
 * @param {boolean} isIdempotent
 */
const verdict = (retryClass, ambiguous, isIdempotent) => ({
  ambiguous,
  retryable: retryClass !== RetryClass.final && (!ambiguous || isIdempotent),
});

/**
 * How long to wait before retry number `retry`, in ms; undefined where the server asks for too long.
 * @param {Class} retryClass
 * @param {number} retry from 0
 * @param {number | undefined} retryAfter seconds
 * @param {number} jitter from 0 to 1
 */
function waitBefore(retryClass, retry, retryAfter, jitter) {
  const asked = retryAfter === undefined ? undefined : retryAfter * 1000;
  if (asked !== undefined && asked > MAX_WAIT) return undefined;
  const wait = asked ?? Math.min(FIRST_BACKOFF * 2 ** retry, MAX_BACKOFF) * jitter;
  return retryClass === RetryClass.ambiguousTimeout ? Math.max(wait, AFTER_TIMEOUT) : wait;
}

module.exports = { RetryClass, allowsRetry, classOfStatus, isAmbiguous, verdict, waitBefore };
