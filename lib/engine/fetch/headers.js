'use strict';

/**
 * The option `headers`, of the client or of one call.
 * @module
 */

/** Headers that belong to the transport or identify the account. */
const RESERVED = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'transfer-encoding',
  'upgrade',
]);

/**
 * @param {Record<string, string>} headers
 * @returns {{ checked: Record<string, string>, problem?: string }} names in lower case, or what is wrong
 */
function customHeaders(headers) {
  /** @type {Record<string, string>} */
  const checked = {};
  for (const [name, value] of Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = name.toLowerCase();
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(key)) {
      return { checked, problem: `headers: ${JSON.stringify(name)} is not a valid header name` };
    }
    if (RESERVED.has(key)) return { checked, problem: `headers: ${key} is set by the SDK and cannot be replaced` };
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
      return { checked, problem: `headers: the value of ${key} has characters that cannot be sent` };
    }
    checked[key] = encodeHeader(value);
  }
  return { checked };
}

/**
 * `fetch` takes bytes as characters: text goes out as UTF-8, as with the addon.
 * @param {string} value
 */
function encodeHeader(value) {
  if (/^[\x00-\x7f]*$/.test(value)) return value;
  return Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join('');
}

module.exports = { customHeaders, encodeHeader };
