'use strict';

const { retryAfter } = require('./retry-after.js');

/**
 * A failure as lib/errors.js reads it (src/api/error.rs).
 * @module
 */

/** Longest response body that an error carries, in bytes of UTF-8; the rest is cut off. */
const MAX_ERROR_BODY = 16 * 1024;

/** Headers under which gateways and APIs return the identity of a request, most specific first. */
const REQUEST_ID_HEADERS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'x-amz-request-id',
  'x-correlation-id',
  'x-vercel-id',
  'cf-ray',
];

class Report {
  /** @type {string | undefined} */
  code;
  /** @type {number | undefined} */
  retryAfter;
  /** @type {string | undefined} */
  requestId;
  /** @type {Record<string, string> | undefined} */
  headers;
  /** @type {string | undefined} */
  body;
  ambiguous = false;
  retryable = false;

  /**
   * @param {import('../../errors.js').FailureReport['kind']} kind
   * @param {string} message
   * @param {{ message: string, code?: string }} [cause]
   */
  constructor(kind, message, cause) {
    this.kind = kind;
    this.message = message;
    this.cause = cause && { message: cause.message, ...(cause.code && { code: cause.code }) };
  }

  /** @param {Headers} headers */
  withHead(headers) {
    /** @type {Record<string, string>} */
    const all = {};
    // Not by name: Node takes a header without one, and refuses to look it up.
    headers.forEach((value, name) => {
      // There is an entry for each set-cookie.
      all[name] = Object.hasOwn(all, name) ? `${all[name]}, ${value}` : value;
    });
    this.headers = all;
    const id = REQUEST_ID_HEADERS.find((name) => headers.has(name));
    this.requestId = id === undefined ? undefined : (headers.get(id) ?? undefined);
    this.retryAfter = retryAfter(headers, Date.now());
    return this;
  }

  /** @param {string} text */
  withBody(text) {
    this.body = text;
    return this;
  }

  /** Leaves of the body what an error carries, once the key was taken out of all of it. */
  cutBody() {
    if (this.body === undefined) return;
    const bytes = new Uint8Array(MAX_ERROR_BODY);
    // Stops at a whole character.
    const { read } = new TextEncoder().encodeInto(this.body, bytes);
    this.body = this.body.slice(0, read);
  }
}

module.exports = { Report };
