'use strict';

const host = require('#host');

/**
 * Why `fetch` failed. Runtimes put the reason into `cause`, into the error itself, or keep it to themselves.
 * @module
 */

/** @typedef {{ message: string, code?: string, proves?: 'untrusted' | 'unsent', words?: string }} Cause */

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
    if (typeof given === 'string') code = given;
    // Several addresses were tried; the code is on the whole, the words are on the parts.
    if (inner instanceof AggregateError) messages.push(inner.errors.map(String).join(', '));
  }
  // The outermost words say no more than that it failed.
  const message = messages.at(-1) ?? String(error);
  return code === undefined ? { message } : { message, ...host.meaningOf(code) };
}

/**
 * The reason, and the code where there is one: `connection refused (ECONNREFUSED)`.
 * @param {Cause} cause
 */
const inWords = ({ message, code, words = message }) => (code === undefined ? message : `${words} (${code})`);

module.exports = { causeOf, inWords };
