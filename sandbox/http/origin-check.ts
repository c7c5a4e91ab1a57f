import type { Settings } from '../options.ts';
import { type Answer, errorAnswer } from './answer.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Rejects requests of foreign web pages: from another origin, or under a name rebound to 127.0.0.1. Clients other
 * than browsers send the sandbox's own host and no origin.
 *
 * @param host - the Host header or its HTTP/2 equivalent
 */
export function checkOrigin(
  host: string,
  origin: string | undefined,
  { allowedHosts, https }: Settings,
): Answer | undefined {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (!LOOPBACK.includes(name) && !allowedHosts.includes(name)) {
    return errorAnswer(403, 'FORBIDDEN', 'The Host header names another host; allowedHosts can add it');
  }
  if (origin !== undefined && origin.toLowerCase() !== `${https ? 'https' : 'http'}://${host.toLowerCase()}`) {
    return errorAnswer(403, 'FORBIDDEN', 'The request comes from a page of another origin');
  }
  return undefined;
}
