import type { RefportError as PublicError } from '../../index.js';
import { RefportError } from '../client/errors.ts';

/** The error of an entry whose process ended while it was on the wire. */
export function interruptedError(attempts: number): PublicError {
  const message = 'The process that was sending this ended before it received the answer';
  return new RefportError(message, { code: 'INTERRUPTED', ambiguous: true, attempts });
}
