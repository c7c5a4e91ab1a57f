'use strict';

const host = require('#host');
const { VERSION } = require('../../version.js');
const { customHeaders, encodeHeader } = require('./headers.js');
const { OPERATIONS } = require('./operation.js');
const { redactor } = require('./redaction.js');

/**
 * What a client is configured with, checked once at construction (src/api/config.rs).
 * @module
 */

/**
 * A checked configuration.
 * @typedef {object} Client
 * @property {string} origin
 * @property {string[]} urls by operation
 * @property {Record<string, string>} headers of every request
 * @property {number} timeout
 * @property {number} maxRetries
 * @property {InstanceType<typeof import('../../host/semaphore.js').Semaphore> | undefined} semaphore where the runtime bounds nothing
 * @property {(report: InstanceType<typeof import('./report.js').Report>) => void} redact takes the API key out of a report
 */

/**
 * @param {string} option
 * @param {string} message
 */
const configError = (option, message) => Object.assign(new Error(message), { code: option });

/**
 * @param {import('../engine').Settings} settings
 * @returns {Client}
 */
function createClient({ apiKey, baseUrl, runtime, timeout, maxRetries, maxConnections, headers, proxy, ca }) {
  const url = checkBaseUrl(baseUrl);
  const own = checkHeaders(headers ?? {});
  const all = {
    accept: 'application/json',
    // An answer of a few hundred bytes is not worth it, and what is unpacked could be any size.
    'accept-encoding': 'identity',
    'user-agent': encodeHeader(`refport-node/${VERSION} ${runtime}`),
    ...own,
    authorization: `Bearer ${checkApiKey(apiKey)}`,
    'content-type': 'application/json',
  };
  refuse(proxy, ca);
  const base = url.href.replace(/\/+$/, '');
  return {
    origin: url.origin,
    urls: OPERATIONS.map(({ path }) => base + path),
    headers: all,
    timeout,
    maxRetries,
    semaphore: host.semaphoreFor(url.origin, maxConnections),
    redact: redactor(apiKey),
  };
}

/** @param {string} text */
function checkBaseUrl(text) {
  const error = (/** @type {string} */ problem) =>
    configError('baseUrl', `baseUrl ${problem}: pass an http(s) URL such as https://app.refport.co`);
  if (!URL.canParse(text)) throw error('is not a URL');
  const url = new URL(text);
  if (!['http:', 'https:'].includes(url.protocol)) throw error('must be an http or https URL');
  if (url.username !== '' || url.password !== '') throw error('must not contain credentials');
  // Not `search` and `hash`, which are empty for a URL that ends in "?" or "#".
  if (/[?#]/.test(url.href)) throw error('must not contain a query or a fragment');
  return url;
}

/** @param {Record<string, string>} headers */
function checkHeaders(headers) {
  const { checked, problem } = customHeaders(headers);
  if (problem !== undefined) throw configError('headers', problem);
  return checked;
}

/** @param {string} apiKey */
function checkApiKey(apiKey) {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return apiKey;
  throw configError(
    'apiKey',
    'apiKey contains characters that cannot be sent in a header: pass the key alone, without spaces, line breaks or ' +
      'other control characters',
  );
}

/**
 * What `fetch` takes from its runtime alone.
 * @param {string | false | undefined} proxy
 * @param {string[] | undefined} ca
 */
function refuse(proxy, ca) {
  const refusal = (/** @type {'ca' | 'proxy'} */ option, shown = `${option}`) =>
    configError(
      option,
      `${shown} is not possible with the engine fetch: the runtime decides that for its fetch${host.insteadOf[option]}`,
    );
  if (ca !== undefined) throw refusal('ca');
  if (proxy) throw refusal('proxy');
  if (proxy === false && host.obeysProxyVariables()) throw refusal('proxy', 'proxy: false');
}

module.exports = { createClient };
