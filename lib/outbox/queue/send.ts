import type { RefportError as PublicError, TrackLeadResponse, TrackSaleResponse } from '../../../index.js';
import { RefportError } from '../../client/errors.ts';
import type { CallName } from '../conversion.ts';
import type { TrackingClient } from './queue-options.ts';

export type Response = TrackLeadResponse | TrackSaleResponse | null;
export type Outcome = { response: Response; error: null } | { response: null; error: PublicError };

/** One attempt at delivery, through a client that throws or one that returns `{ data, error }`. */
export async function sendOnce(
  { track }: TrackingClient,
  call: CallName,
  params: unknown,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    // The outbox retries, so that other processes know of each attempt.
    const answer = await track[call](params, { signal, maxRetries: 0 });
    if (!isResult(answer)) return { response: answer as Response, error: null };
    return answer.error ? failed(answer.error) : { response: answer.data as Response, error: null };
  } catch (error) {
    return failed(error);
  }
}

function isResult(answer: unknown): answer is { data: unknown; error: unknown } {
  return (
    typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'data') && Object.hasOwn(answer, 'error')
  );
}

/** An error that is not the client's own may have come after the request had left. */
function failed(error: unknown): Outcome {
  if (error instanceof RefportError) return { response: null, error };
  const message = 'The client failed with an error that is not its own';
  return { response: null, error: new RefportError(message, { ambiguous: true, attempts: 1, cause: error }) };
}
