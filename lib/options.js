'use strict';

const { RefportAuthError, RefportValidationError } = require('./errors.js');
const { callNames, checkNames, clientNames } = require('./option-names.js');

/**
 * Checks options, of a client and of one call. Types are checked here; the values of URLs, headers and certificates
 * by the engine, which has to parse them anyway.
 * @module
 */

/** Longer than any timer can wait. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** Docker and Kubernetes give a process 10 and 30 seconds between SIGTERM and SIGKILL. */
const CLOSE_TIMEOUT = 10_000;

/**
 * @param {string} option
 * @param {string} what it has to be
 * @param {unknown} value
 */
const mustBe = (option, what, value) => new RefportValidationError(`${option} must be ${what}, not ${show(value)}`);

/**
 * @param {string} option
 * @param {unknown} value
 * @param {{ min?: number, max?: number }} range
 */
function milliseconds(option, value, { min = 1, max = MAX_TIMEOUT }) {
  if (typeof value === 'number' && value >= min && value <= max) return Math.ceil(value);
  throw mustBe(option, `a number of milliseconds from ${min} to ${max}`, value);
}

/**
 * @param {string} option
 * @param {unknown} value
 * @param {{ min: number, max: number }} range
 */
function integer(option, value, { min, max }) {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw mustBe(option, `a whole number from ${min} to ${max}`, value);
}

/** @param {unknown} value */
function show(value) {
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  return `a value of type ${typeof value}`;
}

/**
 * Half a surrogate pair cannot cross to the addon. What stands for it there is as unfit for a key, a header or a
 * URL, and is refused by name.
 * @param {string} text
 */
const wellFormed = (text) => /** @type {any} */ (text).toWellFormed();

/** @param {unknown} value */
const timeout = (value) => milliseconds('timeout', value, {});

/** @param {unknown} value */
const maxRetries = (value) => integer('maxRetries', value, { min: 0, max: 100 });

/** @param {unknown} value */
const maxConnections = (value) => integer('maxConnections', value, { min: 1, max: 1024 });

/**
 * Headers as an object, `Headers`, a `Map` or entries.
 * @param {unknown} value
 * @returns {Record<string, string>}
 */
function headers(value) {
  /** @type {Record<string, string>} */
  const copy = {};
  for (const [name, text] of headerEntries(value)) {
    if (text === undefined) continue;
    if (typeof name !== 'string') throw mustBe('headers: the name of a header', 'a string', name);
    if (typeof text !== 'string') throw mustBe(`headers: the value of ${JSON.stringify(name)}`, 'a string', text);
    copy[wellFormed(name)] = wellFormed(text);
  }
  return copy;
}

/**
 * @param {unknown} value
 * @returns {[unknown, unknown][]}
 */
function headerEntries(value) {
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && value.length === 0)) {
    throw mustBe('headers', 'an object of strings, Headers, a Map or entries', value);
  }
  if (!(Symbol.iterator in value)) return Object.entries(value);
  const entries = [.../** @type {Iterable<unknown>} */ (value)];
  if (!entries.every((entry) => Array.isArray(entry) && entry.length === 2)) {
    throw new RefportValidationError('headers: every entry must be a pair of a name and a value');
  }
  return /** @type {[unknown, unknown][]} */ (entries);
}

/**
 * @param {unknown} value
 * @param {string} option
 * @returns {string}
 */
function nonEmptyString(value, option) {
  if (typeof value === 'string' && value !== '') return value;
  throw mustBe(option, 'a non-empty string', value);
}

/**
 * The engine `native` has no Unicode tables: internationalised hosts reach it as Node writes them, in ASCII.
 * @param {string} text
 */
function asciiUrl(text) {
  return URL.canParse(text) ? new URL(text).href : wellFormed(text);
}

/** @param {unknown} value */
function baseUrl(value) {
  return asciiUrl(nonEmptyString(value, 'baseUrl'));
}

/** @param {unknown} value */
function apiKey(value) {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new RefportAuthError(
      'apiKey is missing: pass a non-empty string as new Refport({ apiKey }) or set the environment variable REFPORT_API_KEY',
    );
  }
  return wellFormed(value);
}

/** @param {unknown} value */
function ca(value) {
  return (Array.isArray(value) ? value : [value]).map((pem) => {
    // Node's own `ca` options take buffers too.
    const text = pem instanceof Uint8Array ? new TextDecoder().decode(pem) : pem;
    if (typeof text !== 'string') throw mustBe('ca', 'PEM text or an array of PEM texts', pem);
    return wellFormed(text);
  });
}

/**
 * @param {unknown} value
 * @returns {string | false}
 */
function proxy(value) {
  if (value === false) return value;
  if (typeof value === 'string' && value !== '') return asciiUrl(value);
  throw mustBe('proxy', 'a URL or false', value);
}

/** @param {unknown} value */
function retryAmbiguous(value) {
  if (typeof value === 'boolean') return value;
  throw mustBe('retryAmbiguous', 'true or false', value);
}

/** @param {object} options */
const checkClientNames = (options) => checkNames(options, clientNames);

/**
 * @template T
 * @param {(value: unknown) => T} check
 * @param {unknown} value
 */
const ifGiven = (check, value) => (value === undefined ? undefined : check(value));

/**
 * Options of one call, for the engine.
 * @param {unknown} options
 * @returns {{
 *   timeout: number | undefined,
 *   maxRetries: number | undefined,
 *   headers: Record<string, string> | undefined,
 *   retryAmbiguous: boolean | undefined,
 * }}
 */
function callOptions(options) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw mustBe('options', 'an object', options);
  }
  checkNames(options, callNames);
  const given = /** @type {Record<string, unknown>} */ (options);
  return {
    timeout: ifGiven(timeout, given.timeout),
    maxRetries: ifGiven(maxRetries, given.maxRetries),
    headers: ifGiven(headers, given.headers),
    retryAmbiguous: ifGiven(retryAmbiguous, given.retryAmbiguous),
  };
}

/**
 * The timeout of `close`.
 * @param {unknown} options
 */
function closeOptions(options) {
  if (options === undefined) return CLOSE_TIMEOUT;
  if (typeof options !== 'object' || options === null) throw mustBe('options', 'an object', options);
  const { timeout: value = CLOSE_TIMEOUT } = /** @type {{ timeout?: unknown }} */ (options);
  return milliseconds('timeout', value, { min: 0 });
}

/**
 * The abort signal of a call, if it has one.
 * @param {unknown} options
 * @returns {AbortSignal | undefined}
 */
function signalOf(options) {
  const { signal } = /** @type {{ signal?: unknown }} */ (options);
  if (signal === undefined || signal === null) return undefined;
  const candidate = /** @type {Partial<AbortSignal>} */ (signal);
  // Signals of other realms and polyfills are as good as ours.
  if (
    typeof signal !== 'object' ||
    typeof candidate.aborted !== 'boolean' ||
    typeof candidate.addEventListener !== 'function' ||
    typeof candidate.removeEventListener !== 'function'
  ) {
    throw mustBe('signal', 'an AbortSignal', signal);
  }
  return /** @type {AbortSignal} */ (signal);
}

module.exports = {
  apiKey,
  baseUrl,
  ca,
  callOptions,
  checkClientNames,
  closeOptions,
  headers,
  ifGiven,
  integer,
  maxConnections,
  maxRetries,
  milliseconds,
  nonEmptyString,
  proxy,
  signalOf,
  timeout,
  wellFormed,
};
