import { clearTimeout, setTimeout } from '#platform';
import type { RefportError as PublicError } from '../../../index.js';
import { RefportError, reasonOf } from '../../client/errors.ts';

/** How long everything but recording waits for the store, in milliseconds. */
export const STORE_TIMEOUT = 10_000;

interface StoreErrorOptions {
  /** Milliseconds. */
  timeout?: number;
  /** The last error of the connection, if it is down: a better cause than the time that has passed. */
  lastError?: () => Error | undefined;
}

/**
 * Bounds the time a store has to answer, and wraps its errors.
 *
 * @throws {RefportError} with the code `OUTBOX_FAILED`
 */
export async function wrapStoreErrors<T>(
  answer: Promise<T>,
  { timeout = STORE_TIMEOUT, lastError }: StoreErrorOptions = {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(lastError?.() ?? new Error(`it did not answer within ${timeout} ms`)), timeout);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } catch (cause) {
    throw storeError(cause);
  } finally {
    clearTimeout(timer);
  }
}

/** {@link wrapStoreErrors} for each step of an iteration. */
export async function* wrapEachStoreError<T>(
  answers: AsyncIterable<T>,
  options?: StoreErrorOptions,
): AsyncGenerator<T, void, undefined> {
  const iterator = answers[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await wrapStoreErrors(iterator.next(), options);
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** An error of the store as an error of the outbox. */
export function storeError(cause: unknown): PublicError {
  if (cause instanceof RefportError) return cause;
  // The error of a connection over several addresses has no message of its own.
  const reason = reasonOf(cause instanceof AggregateError ? cause.errors[0] : cause);
  return new RefportError(`The outbox's store failed: ${reason}`, { code: 'OUTBOX_FAILED', cause });
}
