'use strict';

const { RefportError, reasonOf } = require('../../client/errors.ts');

/**
 * What is asked of a store fails in bounded time, and says that it was the store.
 * @module
 */

/** How long anything waits for the store, in milliseconds. */
const PATIENCE = 10_000;

/**
 * @template T
 * @param {Promise<T>} answer of the store
 * @returns {Promise<T>}
 * @throws {RefportError} with the code `OUTBOX_FAILED`
 */
async function failsAsStore(answer) {
  let timer;
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([answer, tooLate]));
  } catch (cause) {
    if (cause instanceof RefportError) throw cause;
    throw storeError(cause);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @template T
 * @param {AsyncIterable<T>} answers of the store
 * @returns {AsyncGenerator<T, void, undefined>}
 */
async function* eachFailsAsStore(answers) {
  const iterator = answers[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await failsAsStore(iterator.next());
    if (done) return;
    yield value;
  }
}

/** @param {unknown} cause */
function storeError(cause) {
  // What a connection over several addresses fails with has no message of its own.
  const reason = reasonOf(cause instanceof AggregateError ? cause.errors[0] : cause);
  return new RefportError(`The outbox's store failed: ${reason}`, { code: 'OUTBOX_FAILED', cause });
}

module.exports = { eachFailsAsStore, failsAsStore, storeError };
