'use strict';

const { SubmissionQueue, abortError } = require('./bridge.js');
const { RefportAuthError, RefportValidationError, asRefportError } = require('./errors.js');
const { checkAmount } = require('./amount.js');
const { engine } = require('#engine');
const host = require('#host');
const { isObserved, observe } = require('#observe');
const { Operation, PATHS } = require('./operations.js');
const check = require('./options.js');
const { serialize } = require('./params.js');

/**
 * Options and parameters in, calls out.
 * @module
 */

const DEFAULT_BASE_URL = 'https://app.refport.co';

/**
 * Checks the types of a configuration and has the engine check the rest.
 * @param {import('../index.js').RefportOptions} config
 * @returns {import('./engine/engine').EngineClient}
 */
function createClient(config) {
  // First, since a place that is to have no client refuses it whatever the configuration.
  const chosen = engine();
  if (typeof config !== 'object' || config === null) {
    throw new RefportValidationError('config must be an object such as { apiKey: "..." }');
  }
  check.checkClientNames(config);
  const settings = {
    proxy: check.ifGiven(check.proxy, config.proxy),
    apiKey: check.apiKey(config.apiKey === undefined ? host.environment('REFPORT_API_KEY') : config.apiKey),
    baseUrl: check.baseUrl(config.baseUrl ?? (host.environment('REFPORT_BASE_URL') || DEFAULT_BASE_URL)),
    runtime: host.runtime(),
    timeout: check.timeout(config.timeout ?? 10_000),
    maxRetries: check.maxRetries(config.maxRetries ?? 2),
    maxConnections: check.maxConnections(config.maxConnections ?? 64),
    headers: check.ifGiven(check.headers, config.headers),
    ca: check.ifGiven(check.ca, config.ca),
  };
  try {
    return chosen.createClient(settings);
  } catch (error) {
    // `code` is the name of the option.
    const { code, message } = /** @type {Error & { code?: string }} */ (error);
    throw code === 'apiKey' ? new RefportAuthError(message) : new RefportValidationError(message);
  }
}

/**
 * Makes one call.
 * @param {InstanceType<typeof SubmissionQueue>} queue
 * @param {number} operation
 * @param {unknown} params
 * @param {unknown} options
 * @returns {Promise<any>}
 */
function call(queue, operation, params, options) {
  try {
    if (operation === Operation.sale) checkAmount(params);
    const isPlain = options === undefined && !isObserved();
    const sent = isPlain
      ? queue.add(operation, serialize(params), '')
      : callWithOptions(queue, operation, params, options ?? {});
    return operation === Operation.embedToken ? sent.then(withDate) : sent;
  } catch (error) {
    return Promise.reject(asRefportError(error, 'options cannot be read'));
  }
}

/**
 * @param {InstanceType<typeof SubmissionQueue>} queue
 * @param {number} operation
 * @param {unknown} params
 * @param {unknown} options
 * @returns {Promise<any>}
 */
function callWithOptions(queue, operation, params, options) {
  const checked = check.callOptions(options);
  const signal = check.signalOf(options);
  if (signal?.aborted) throw abortError(signal);
  const text = serialize(params);
  const send = (
    /** @type {object} */ extra = {},
    /** @type {import('./bridge.js').OnResult | undefined} */ onResult = undefined,
  ) => {
    const native = JSON.stringify({ ...checked, ...extra });
    return queue.add(operation, text, native, signal, onResult);
  };
  if (!isObserved()) return send();
  return observe(String(PATHS[operation]), checked.headers, (headers, onResult) => send({ headers }, onResult));
}

/**
 * What the API calls `expires` is a date to the caller; the engine has checked that it is one.
 * @param {{ publicToken: string, expires: any }} token
 */
function withDate(token) {
  token.expires = new Date(token.expires);
  return token;
}

/**
 * The queue of a client with this configuration.
 * @param {import('../index.js').RefportOptions} config
 */
function open(config) {
  return new SubmissionQueue(createClient(config));
}

/**
 * @param {InstanceType<typeof SubmissionQueue>} queue
 * @param {unknown} options
 * @returns {Promise<void>}
 */
async function close(queue, options) {
  return queue.close(check.closeOptions(options));
}

module.exports = { call, close, open };
