'use strict';

/**
 * Everything the SDK throws, and the one place where native failure reports, and what callers' own objects throw, become
 * errors.
 * @module
 */

/**
 * @typedef {object} RefportErrorDetails
 * @property {number} [status]
 * @property {string} [code]
 * @property {number} [attempts]
 * @property {number} [retryAfter]
 * @property {string} [requestId]
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {boolean} [ambiguous]
 * @property {boolean} [retryable]
 * @property {unknown} [cause]
 */

class RefportError extends Error {
  /**
   * Takes `(message, details)`, and `(status, code, message)` as the JavaScript SDK did.
   *
   * @param {string | number} messageOrStatus
   * @param {RefportErrorDetails | string} [detailsOrCode]
   * @param {string} [text] the message, after status and code
   */
  constructor(messageOrStatus, detailsOrCode = {}, text) {
    const [message, details] =
      typeof messageOrStatus === 'number'
        ? [text, { status: messageOrStatus, code: /** @type {string} */ (detailsOrCode) }]
        : [messageOrStatus, /** @type {RefportErrorDetails} */ (detailsOrCode)];
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    /** @type {number} */
    this.status = details.status ?? 0;
    /** @type {string} */
    this.code = details.code ?? 'UNKNOWN';
    /** @type {number} */
    this.attempts = details.attempts ?? 0;
    /** @type {boolean} */
    this.ambiguous = details.ambiguous ?? false;
    /** @type {boolean} */
    this.retryable = details.retryable ?? false;
    // Missing where there is nothing, so that logs do not show what is undefined.
    /** @type {number | undefined} */
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
    /** @type {string | undefined} */
    if (details.requestId !== undefined) this.requestId = details.requestId;
    /** @type {Record<string, string> | undefined} */
    if (details.headers !== undefined) this.headers = details.headers;
    /** @type {string | undefined} */
    if (details.body !== undefined) this.body = details.body;
  }
}

/**
 * Details of a class's own for what is not given, be it missing or undefined.
 * @param {RefportErrorDetails | undefined} details
 * @param {{ status?: number, code: string }} defaults
 * @returns {RefportErrorDetails}
 */
function withDefaults(details, { status, code }) {
  return { ...details, status: details?.status ?? status ?? 0, code: details?.code ?? code };
}

class RefportAuthError extends RefportError {
  /** @param {string} message @param {RefportErrorDetails} [details] */
  constructor(message, details) {
    super(message, withDefaults(details, { status: 401, code: 'UNAUTHORIZED' }));
  }
}

class RefportValidationError extends RefportError {
  /** @param {string} message @param {RefportErrorDetails} [details] */
  constructor(message, details) {
    super(message, withDefaults(details, { status: 422, code: 'VALIDATION_ERROR' }));
  }
}

class RefportNotFoundError extends RefportError {
  /** @param {string} message @param {RefportErrorDetails} [details] */
  constructor(message, details) {
    super(message, withDefaults(details, { status: 404, code: 'NOT_FOUND' }));
  }
}

class RefportRateLimitError extends RefportError {
  /** @param {string} message @param {RefportErrorDetails} [details] */
  constructor(message, details) {
    super(message, withDefaults(details, { status: 429, code: 'RATE_LIMITED' }));
  }
}

class RefportConnectionError extends RefportError {
  /** @param {string} message @param {RefportErrorDetails} [details] */
  constructor(message, details) {
    super(message, withDefaults(details, { code: 'CONNECTION_ERROR' }));
  }
}

class RefportTimeoutError extends RefportConnectionError {
  /** @param {string} message @param {RefportErrorDetails} [details] */
  constructor(message, details) {
    super(message, withDefaults(details, { code: 'TIMEOUT' }));
  }
}

class RefportAbortError extends RefportError {
  /** @param {string} message @param {RefportErrorDetails} [details] */
  constructor(message, details) {
    super(message, withDefaults(details, { code: 'ABORTED' }));
  }
}

// On the prototype and not enumerable, like the names of JavaScript's own errors; written down, as bundlers rename classes.
for (const [name, errorClass] of Object.entries({
  RefportError,
  RefportAuthError,
  RefportValidationError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportConnectionError,
  RefportTimeoutError,
  RefportAbortError,
})) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

/**
 * The class that an HTTP status stands for.
 * @param {number} status
 * @returns {new (message: string, details?: RefportErrorDetails) => RefportError}
 */
function classOfStatus(status) {
  switch (status) {
    case 400:
    case 422:
      return RefportValidationError;
    case 401:
      return RefportAuthError;
    case 404:
      return RefportNotFoundError;
    case 429:
      return RefportRateLimitError;
    default:
      return RefportError;
  }
}

/**
 * A failure as the engine reports it (`Report` in src/api/error.rs).
 * @typedef {object} FailureReport
 * @property {'validation' | 'api' | 'invalidResponse' | 'connection' | 'timeout' | 'aborted' | 'internal'} kind
 * @property {number} status
 * @property {string} message
 * @property {number} attempts
 * @property {string} [code]
 * @property {number} [retryAfter]
 * @property {string} [requestId]
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {boolean} [ambiguous]
 * @property {boolean} [retryable]
 * @property {{ message: string, code?: string }} [cause]
 */

/**
 * @param {FailureReport} report
 * @returns {RefportError}
 */
function errorFromReport(report) {
  const { kind, message, cause: reason, ...rest } = report;
  /** @type {RefportErrorDetails} */
  const details = rest;
  if (reason) details.cause = Object.assign(new Error(reason.message), reason.code && { code: reason.code });
  switch (kind) {
    case 'validation':
      return new RefportValidationError(message, details);
    case 'api':
      return new (classOfStatus(report.status))(message, details);
    case 'invalidResponse':
      return new RefportError(message, { ...details, code: 'INVALID_RESPONSE' });
    case 'connection':
      return new RefportConnectionError(message, details);
    case 'timeout':
      return new RefportTimeoutError(message, details);
    default:
      return new RefportError(message, { ...details, code: 'INTERNAL_ERROR' });
  }
}

/**
 * The error to reject with for what a caller's own code throws while the SDK reads its values: getters, proxies, toJSON.
 * It can be anything, and looking at it can throw again.
 * @param {unknown} thrown
 * @param {string} what failed
 * @returns {RefportError}
 */
function asRefportError(thrown, what) {
  return isOurs(thrown) ? thrown : new RefportValidationError(`${what}: ${reasonOf(thrown)}`, { cause: thrown });
}

/**
 * @param {unknown} thrown
 * @returns {thrown is RefportError}
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

module.exports = {
  RefportError,
  RefportAuthError,
  RefportValidationError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportConnectionError,
  RefportTimeoutError,
  RefportAbortError,
  asRefportError,
  errorFromReport,
  reasonOf,
};
