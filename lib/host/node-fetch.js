'use strict';

/**
 * What the codes of Node's `fetch` say of a request that failed.
 * @module
 */

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
 * The code, what it proves (that the certificate was refused, or that nothing was sent), and words for it.
 * @param {string} given
 * @returns {{ code: string, proves?: 'untrusted' | 'unsent', words?: string }}
 */
function meaningOf(given) {
  // undici's own word for what the system calls this.
  const code = given === 'UND_ERR_SOCKET' ? 'ECONNRESET' : given;
  const words = WORDS[code];
  const proves = CERTIFICATE.has(code) ? 'untrusted' : NOTHING_LEFT.has(code) ? 'unsent' : undefined;
  return { code, ...(proves && { proves }), ...(words && { words }) };
}

module.exports = { meaningOf };
