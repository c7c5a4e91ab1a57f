// What code written for the JavaScript SDK, 0.3 and 0.4, says to the compiler apart from calls.

import type { RefportConfig } from 'refport';
import { getClickIdFromRequest, Refport, RefportError, RefportNotFoundError } from 'refport';

/** The key is there where a configuration is. */
export function client(config: RefportConfig): Refport {
  if (config.apiKey.startsWith('test_')) throw new RefportNotFoundError('no test keys here');
  return new Refport(config);
}

/** A class of one's own, by status, code and message. */
export class QuotaError extends RefportError {
  constructor(readonly limit: number) {
    super(402, 'QUOTA', `no more than ${limit}`);
    this.name = 'QuotaError';
  }
}

export class OtherError extends RefportError {}

export function fails(): RefportError[] {
  const error = new RefportError(500, 'X', 'boom');
  error.status = 503;
  error.code = 'Y';
  return [error, new OtherError(500, 'X', 'boom'), new QuotaError(3)];
}

export function argumentsOf(...args: ConstructorParameters<typeof RefportError>): [number, string, string] {
  return args;
}

/** A wrapper that takes what the helper takes. */
export function clickIdOf(request: Parameters<typeof getClickIdFromRequest>[0], name?: string): string | null {
  if (!request.headers && !request.cookies) return null;
  return getClickIdFromRequest(request, name);
}

export const found = [
  clickIdOf({ headers: { cookie: 'refp_id=abc', accept: ['a', 'b'] } }),
  clickIdOf({ headers: new Headers() }),
  clickIdOf({ cookies: { refp_id: 'abc' } }),
  clickIdOf(new Request('http://localhost/')),
];
