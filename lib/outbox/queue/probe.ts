import type { RefportError as PublicError } from '../../../index.js';
import { RefportError } from '../../client/errors.ts';
import { Operation } from '../../client/operations.ts';
import type { EngineClient } from '../../engine/engine.ts';
import { type Classification, classifyProbe } from '../policy.ts';

/** The longest that a probe takes, in milliseconds. */
const PROBE_TIMEOUT = 10_000;

export interface ProbeOutcome {
  readonly classification: Classification;
  readonly error: PublicError | null;
}

/** Asks whether the API is back with a request that can create nothing: an embed token for nobody. */
export async function probe(client: EngineClient, signal: AbortSignal): Promise<ProbeOutcome> {
  const options = { maxRetries: 0, timeout: PROBE_TIMEOUT, headers: undefined, retryAmbiguous: undefined };
  try {
    await client.perform({
      operation: Operation.embedToken,
      isIdempotent: true,
      params: '{}',
      options,
      signal,
      onSettled: undefined,
    });
    return { classification: classifyProbe(null), error: null };
  } catch (error) {
    const failure =
      error instanceof RefportError ? error : new RefportError('The probe failed', { ambiguous: true, cause: error });
    return { classification: classifyProbe(failure), error: failure };
  }
}
