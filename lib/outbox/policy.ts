import type { RefportError } from '../../index.js';

/** The state of an entry after an attempt; the reasons `rejected` and `ambiguous` mean that it is parked. */
export type Disposition = 'delivered' | 'pending' | 'rejected' | 'ambiguous';

/**
 * The evidence of an attempt about the API, for the circuit breaker: it works; it failed; it asks for time; it does not accept
 * this process (its key, address, proxy or certificate); nothing.
 */
export type Health = 'success' | 'failure' | 'throttled' | 'refused' | 'unknown';

/**
 * The probe that finds out whether the API is back: a request that can create nothing, or an entry. A server that asks for time has
 * counted nothing either, and asks for it where conversions are sent.
 */
export type ProbeKind = 'api' | 'entry';

export interface Classification {
  readonly disposition: Disposition;
  readonly health: Health;
  /** The probe, if delivery stops because of this attempt. */
  readonly probe: ProbeKind;
  /** Whether the entry itself waits before its next attempt. Otherwise only the circuit breaker holds it up. */
  readonly backsOff: boolean;
}

/** The properties of an error that decide. */
export type Failure = Pick<RefportError, 'status' | 'code' | 'ambiguous' | 'retryable' | 'attempts'> & {
  readonly retryAfter?: number | undefined;
};

/** The call ended for a reason of its own process, so its end says nothing about the API. */
const LOCAL_CODES = new Set(['ABORTED', 'INTERNAL_ERROR', 'INTERRUPTED', 'UNKNOWN']);
/** The key, the proxy's credentials or the network's policy. */
const REFUSED_STATUSES = new Set([401, 403, 407]);

/**
 * Classifies the outcome of one attempt. `src/outbox/policy.rs` holds the same table; `__test__/outbox/policy-cases.json`
 * is tested against both.
 *
 * @param failure - `null` after a success
 * @param isRepeatable - the API counts the entry once however often it arrives, or its owner accepts counting it twice
 */
export function classifyOutcome(failure: Failure | null, isRepeatable: boolean): Classification {
  if (failure === null) return classification('delivered', 'success');
  const { status, code, ambiguous, retryable, retryAfter } = failure;
  const isLocal = status === 0 && LOCAL_CODES.has(code);
  if (ambiguous) {
    const health = isLocal ? 'unknown' : retryAfter === undefined ? 'failure' : 'throttled';
    if (!isRepeatable) return classification('ambiguous', health);
    return classification('pending', health, health === 'failure');
  }
  if (isLocal) return classification('pending', 'unknown');
  if (status === 429 || (status === 503 && retryAfter !== undefined)) {
    return { ...classification('pending', 'throttled'), probe: 'entry' };
  }
  // Not processed: no connection, a refused stream, a gateway that answers for a service that is away.
  if (retryable || status >= 500) return classification('pending', 'failure', true);
  if (status < 400 || REFUSED_STATUSES.has(status)) return classification('pending', 'refused');
  // Without an attempt the parameters were rejected before anything was sent.
  return classification('rejected', failure.attempts === 0 ? 'unknown' : 'success');
}

function classification(disposition: Disposition, health: Health, backsOff = false): Classification {
  return { disposition, health, probe: 'api', backsOff };
}

/**
 * Classifies the outcome of `POST /api/embed/token` with an empty body. The API is back if it rejected the request itself, or
 * answered with JSON of its own.
 */
export function classifyProbe(failure: (Failure & { readonly body?: string | undefined }) | null): Classification {
  const found = classifyOutcome(failure, true);
  if (failure?.code === 'INVALID_RESPONSE' && /^\s*\{/.test(failure.body ?? '')) return { ...found, health: 'success' };
  return found;
}
