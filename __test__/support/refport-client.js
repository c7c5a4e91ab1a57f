'use strict';

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const sdk = require('refport');
const { isFetch, trustOverFetch } = require('./engine.js');

/** Recognisable, so that a leak can be searched for. */
const API_KEY = 'rk_test_5up3r-s3cr3t';

/**
 * @param {{ url: string }} server
 * @param {object} [options] as `new Refport` takes them
 */
function clientFor(server, options = {}) {
  const { ca, ...rest } = /** @type {{ ca?: string }} */ (options);
  const all = { apiKey: API_KEY, baseUrl: server.url, ...rest };
  if (ca === undefined) return new sdk.Refport(all);
  if (!isFetch) return new sdk.Refport({ ...all, ca });
  trustOverFetch(ca);
  return new sdk.Refport(all);
}

/**
 * What a call rejected with. Fails if it resolves, or rejects with anything but a RefportError.
 *
 * @param {Promise<unknown>} call
 */
async function rejectionOf(call) {
  const outcome = await call.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  assert.ok('error' in outcome, `expected a rejection, got ${inspect(outcome)}`);
  const { error } = outcome;
  assert.ok(error instanceof sdk.RefportError, `not a RefportError: ${inspect(error)}`);
  assert.equal(error.name, error.constructor.name);
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(API_KEY), 'the API key leaked');
  return error;
}

/**
 * @typedef {object} ExpectedError
 * @property {string} name of the class, which must also be the error's class
 * @property {string} code
 * @property {number} status
 * @property {string | RegExp} [message]
 * @property {RegExp} [causeCode] what `error.cause.code` must look like
 * @property {string | RegExp} [body]
 */

/**
 * @param {any} error
 * @param {ExpectedError} expected
 */
function assertError(error, { name, code, status, message, causeCode, body }) {
  const seen = `${error.name} ${error.code} ${error.status}: ${error.message}`;
  assert.equal(`${error.name} ${error.code} ${error.status}`, `${name} ${code} ${status}`, seen);
  assert.ok(error instanceof /** @type {any} */ (sdk)[name], `not an instance of ${name}`);
  assert.ok(error.message.length > 0, 'the message is empty');
  if (message instanceof RegExp) assert.match(error.message, message);
  else if (message !== undefined) assert.equal(error.message, message);
  if (body instanceof RegExp) assert.match(error.body, body);
  else if (body !== undefined) assert.equal(error.body, body);
  if (causeCode) {
    assert.ok(error.cause instanceof Error, `no cause on ${seen}`);
    assert.match(String(error.cause.code), causeCode);
  }
}

module.exports = { API_KEY, assertError, clientFor, rejectionOf };
