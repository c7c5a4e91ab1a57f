import type { RefportError as PublicError } from '../../index.js';
import { errorNamed } from '../client/errors.ts';

/** An error as a store keeps it: what a person needs to decide about a parked entry, and no more. */
export interface SerializedError {
  name: string;
  message: string;
  [detail: string]: unknown;
}

export function serializeError(error: PublicError): SerializedError {
  const { name, message, status, code, attempts, ambiguous, retryable, retryAfter, requestId } = error;
  return { name, message, status, code, attempts, ambiguous, retryable, retryAfter, requestId };
}

export function deserializeError({ name, message, ...details }: SerializedError): PublicError {
  return errorNamed(name, message, details);
}
