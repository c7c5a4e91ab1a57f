/** Codes of Node's findings about a certificate, which trying again does not change. */
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

/** Codes that occur only before there is a connection. */
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND']);

/** As src/http/cause.rs words them. */
const WORDS = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['ENOTFOUND', 'name or service not known'],
  ['EPIPE', 'broken pipe'],
  [
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'no TLS is spoken there; if the port is one of plain HTTP, the URL has to begin with http://',
  ],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is of an authority that is not trusted'],
]);

export interface ErrorCode {
  code: string;
  /** That the certificate was rejected, or that nothing was sent. */
  proves?: 'untrusted' | 'unsent' | undefined;
  words?: string | undefined;
}

/** Explains the code of an error of Node's `fetch`. */
export function explainErrorCode(given: string): ErrorCode {
  // undici's own word for what the system calls this.
  const code = given === 'UND_ERR_SOCKET' ? 'ECONNRESET' : given;
  const proves = CERTIFICATE.has(code) ? 'untrusted' : UNSENT.has(code) ? 'unsent' : undefined;
  return { code, proves, words: WORDS.get(code) };
}
