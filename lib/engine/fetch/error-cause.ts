import { explainErrorCode } from '#platform';
import type { ErrorCode } from '../../platform/node-error-codes.ts';

export interface Cause extends Partial<ErrorCode> {
  message: string;
}

/** Why `fetch` failed. Runtimes put the reason into `cause`, into the error itself, or keep it to themselves. */
export function causeOf(error: unknown): Cause {
  const messages: string[] = [];
  let code: string | undefined;
  for (let inner = error; inner instanceof Error && messages.length < 8; inner = inner.cause) {
    if (inner.message !== '') messages.push(inner.message);
    if ('code' in inner && typeof inner.code === 'string') code = inner.code;
    // Several addresses were tried. The code is on the whole, the words are on the parts.
    if (inner instanceof AggregateError) messages.push(inner.errors.map(String).join(', '));
  }
  // The outermost words say no more than that it failed.
  const message = messages.at(-1) ?? String(error);
  return code === undefined ? { message } : { message, ...explainErrorCode(code) };
}

/** The reason, and the code if there is one: `connection refused (ECONNREFUSED)`. */
export const describe = ({ message, code, words = message }: Cause): string =>
  code === undefined ? message : `${words} (${code})`;
