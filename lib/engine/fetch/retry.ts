/**
 * Which failures may be retried, and after how long (src/api/retry.rs). The question is never "is it temporary" but "can the
 * server have counted it".
 * @module
 */

/** A failed attempt, by what the server can have done with it. */
export type RetryClass =
  /** Nothing: it never got the request. */
  | 'notProcessed'
  /** Nothing: a gateway answered for a service that is away. The call is not retried; whoever holds it may. */
  | 'away'
  /** Nothing for now: 429, or 503 with `Retry-After`. */
  | 'refused'
  /** Unknown: the connection broke, or a gateway's 5xx. */
  | 'ambiguous'
  /** Unknown, and it may still be working on it. */
  | 'ambiguousTimeout'
  /** Unknown, and its answer is of no use: a retry would end the same way. */
  | 'ambiguousFinal'
  /** It said no: a retry would end the same way. */
  | 'final';

/** The call fails at once if a server asks for a longer wait, in ms. */
const MAX_WAIT = 60_000;
const FIRST_BACKOFF = 500;
const MAX_BACKOFF = 8_000;
/** After a timeout the server may still be working on the first copy. */
const AFTER_TIMEOUT = 2_000;

/**
 * The class of a complete answer other than 2xx.
 * @param isFromApi whether its body is an error of the API
 */
export function classOfStatus(status: number, hasRetryAfter: boolean, isFromApi: boolean): RetryClass {
  if (status === 429 || (status === 503 && hasRetryAfter)) return 'refused';
  if ([408, 500, 502, 503, 504].includes(status)) return 'ambiguous';
  if ([404, 405, 421, 425].includes(status) && !isFromApi) return 'away';
  return status > 500 ? 'ambiguousFinal' : 'final';
}

/** Whether the call may have been recorded. */
export const isAmbiguous = (retryClass: RetryClass): boolean => retryClass.startsWith('ambiguous');

/** Whether sending again cannot count a conversion twice, or the caller accepts that. */
export function allowsRetry(retryClass: RetryClass, isIdempotent: boolean, retryAmbiguous: boolean): boolean {
  if (retryClass === 'final' || retryClass === 'ambiguousFinal' || retryClass === 'away') return false;
  return !isAmbiguous(retryClass) || isIdempotent || retryAmbiguous;
}

/**
 * How long to wait before retry number `retry` (from 0), in ms. Undefined if the server asks for too long.
 * @param retryAfter in seconds
 */
export function waitBefore(retryClass: RetryClass, retry: number, retryAfter: number | undefined): number | undefined {
  const asked = retryAfter === undefined ? undefined : retryAfter * 1000;
  if (asked !== undefined && asked > MAX_WAIT) return undefined;
  const wait = asked ?? Math.min(FIRST_BACKOFF * 2 ** retry, MAX_BACKOFF) * Math.random();
  return retryClass === 'ambiguousTimeout' ? Math.max(wait, AFTER_TIMEOUT) : wait;
}
