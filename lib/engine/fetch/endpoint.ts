import { opensConnectionPerRequest } from '#platform';
import { PATHS } from '../../client/operations.ts';
import { VERSION } from '../../version.ts';
import type { ClientSettings } from '../engine.ts';
import { type Redact, redactor } from './redaction.ts';
import { type Semaphore, sharedSemaphore } from './semaphore.ts';

/** Where the calls of a client go, and what they have in common. */
export interface Endpoint {
  origin: string;
  /** By operation. */
  urls: readonly string[];
  headers: Record<string, string>;
  timeout: number;
  maxRetries: number;
  semaphore: Semaphore | undefined;
  redact: Redact;
}

export function openEndpoint(settings: ClientSettings): Endpoint {
  const { apiKey, baseUrl, runtime, timeout, maxRetries, maxConnections, headers } = settings;
  const { origin } = new URL(baseUrl);
  return {
    origin,
    urls: PATHS.map((path) => baseUrl + path),
    headers: {
      accept: 'application/json',
      // An answer of a few hundred bytes is not worth it, and what is unpacked could be any size.
      'accept-encoding': 'identity',
      'user-agent': byteString(`refport-node/${VERSION} ${runtime}`),
      ...byteStrings(headers),
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
    },
    timeout,
    maxRetries,
    semaphore: opensConnectionPerRequest ? sharedSemaphore(origin, maxConnections) : undefined,
    redact: redactor(apiKey),
  };
}

export const byteStrings = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, byteString(value)]));

/** `fetch` takes a header's bytes as characters. They go out as UTF-8, as with the addon. */
function byteString(value: string): string {
  if (/^[\x00-\x7f]*$/.test(value)) return value;
  return Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join('');
}
