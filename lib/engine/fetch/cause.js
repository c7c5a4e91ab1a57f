'use strict';

/**
 * Why `fetch` failed. Runtimes put the reason into `cause`, into the error itself, or keep it to themselves.
 * @module
 */

/** @typedef {{ message: string, code?: string }} Cause */

/** Codes of Node's verdicts on a certificate, which trying again does not change. */
const CERTIFICATE = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Codes that are given only where there was no connection yet. */
const NOTHING_LEFT = new Set(['ECONNREFUSED', 'ENOTFOUND']);

/** The addon's word for what undici has one of its own for. @type {Record<string, string>} */
const SYNONYMS = { UND_ERR_SOCKET: 'ECONNRESET' };

/**
 * @param {unknown} error
 * @returns {Cause}
 */
function causeOf(error) {
  /** @type {string[]} */
  const messages = [];
  let code;
  for (let inner = error; inner instanceof Error && messages.length < 8; inner = inner.cause) {
    if (inner.message !== '') messages.push(inner.message);
    const given = /** @type {{ code?: unknown }} */ (inner).code;
    if (typeof given === 'string') code = SYNONYMS[given] ?? given;
    // Several addresses were tried; the code is on the whole, the words are on the parts.
    if (inner instanceof AggregateError) messages.push(inner.errors.map(String).join(', '));
  }
  // The outermost words say no more than that it failed.
  const message = messages.at(-1) ?? String(error);
  return code === undefined ? { message } : { message, code };
}

/** What src/http/cause.rs says of them. @type {Record<string, string>} */
const WORDS = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'name or service not known',
  EPIPE: 'broken pipe',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'no TLS is spoken there; if the port is one of plain HTTP, the URL has to begin with http://',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of an authority that is not trusted',
};

/**
 * The reason, and the code where there is one: `connection refused (ECONNREFUSED)`.
 * @param {Cause} cause
 */
const inWords = ({ message, code }) => (code === undefined ? message : `${WORDS[code] ?? message} (${code})`);

/** @param {Cause} cause */
const isCertificateError = ({ code }) => code !== undefined && CERTIFICATE.has(code);

/** @param {Cause} cause */
const provesNothingLeft = ({ code }) => code !== undefined && NOTHING_LEFT.has(code);

module.exports = { causeOf, inWords, isCertificateError, provesNothingLeft };
