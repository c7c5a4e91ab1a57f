'use strict';

const { RefportError } = require('../../client/errors.ts');

/**
 * One attempt at delivery through the caller's client, which may throw or give `{ data, error }`.
 * @module
 */

/**
 * @typedef {{ track: { lead: (params: any, options: any) => Promise<any>, sale: (params: any, options: any) => Promise<any> } }} TrackingClient
 */

/**
 * @param {TrackingClient} refport
 * @param {import('./conversion.js').Conversion} conversion
 * @param {AbortSignal} signal
 * @returns {Promise<{ response: any, error: null } | { response: null, error: import('../../../index.js').RefportError }>}
 */
async function send(refport, { call, params }, signal) {
  try {
    // The queue repeats, and remembers it.
    const answer = await refport.track[call](params, { signal, maxRetries: 0 });
    if (!isResult(answer)) return { response: answer, error: null };
    return answer.error ? failed(answer.error) : { response: answer.data, error: null };
  } catch (error) {
    return failed(error);
  }
}

/** @param {any} answer */
const isResult = (answer) =>
  typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'data') && Object.hasOwn(answer, 'error');

/**
 * What is no error of the client's may have happened after the request had left.
 * @param {unknown} error
 */
function failed(error) {
  if (error instanceof RefportError) return { response: null, error };
  const message = 'The client failed for a reason of its own';
  return { response: null, error: new RefportError(message, { ambiguous: true, attempts: 1, cause: error }) };
}

module.exports = { send };
