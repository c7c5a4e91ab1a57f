import type { CapturedClick, CaptureOptions } from '../../index.js';
import { type CookieSettings, cookieSettings } from './capture-options.ts';
import { queryParameter, urlText } from './query.ts';
import { getClickIdFromRequest, headersOf, requestsIn } from './request.ts';
import { isObject, read } from './safe-access.ts';

// Keeps the click of a landing request in a cookie of the response.

/** The longest metadata value of the payment processors, which the click id ends up in. */
const LONGEST = 500;

/** See `index.d.ts`. Throws for bad options only. */
export function captureClickId(request: unknown, options?: CaptureOptions): CapturedClick | null {
  const settings = cookieSettings(options);
  if (!isObject(request)) return null;
  const requests = requestsIn(request);
  const clickId = queryParameter(requests, settings.paramName);
  if (!isClickId(clickId)) return null;
  const value = encoded(clickId);
  if (value === undefined) return null;
  if (settings.keep === 'first' && getClickIdFromRequest(request, settings.cookieName) !== null) return null;
  const secure = settings.secure ?? !isOnLoopback(request, requests);
  return { clickId, setCookie: cookieHeader(value, secure, settings) };
}

function isClickId(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value.length <= LONGEST && !/\p{Cc}/u.test(value);
}

/** `undefined` for half a surrogate pair, which has no encoding. */
function encoded(clickId: string): string | undefined {
  try {
    return encodeURIComponent(clickId);
  } catch {
    return undefined;
  }
}

function cookieHeader(value: string, secure: boolean, settings: CookieSettings): string {
  const { cookieName, domain, httpOnly, maxAge, path, sameSite } = settings;
  const attributes = [`${cookieName}=${value}`, `Max-Age=${maxAge}`, `Path=${path}`];
  if (domain !== undefined) attributes.push(`Domain=${domain}`);
  attributes.push(`SameSite=${sameSite}`);
  if (httpOnly) attributes.push('HttpOnly');
  if (secure) attributes.push('Secure');
  return attributes.join('; ');
}

/**
 * Whether the browser talks to its own machine, where Safari stores no `Secure` cookies over HTTP. The `Host` header goes before the
 * URL: behind a proxy, frameworks make the URL of the address that they listen on.
 */
function isOnLoopback(request: object, requests: object[]): boolean {
  const host = hostHeader(request, requests) ?? hostOfUrl(requests);
  return host !== undefined && /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
}

function hostHeader(request: object, requests: object[]): string | undefined {
  for (const name of ['host', ':authority']) {
    for (const host of headersOf(request, requests, name)) return host;
  }
  return undefined;
}

/** Host and port of the first absolute URL. */
function hostOfUrl(requests: object[]): string | undefined {
  for (const request of requests) {
    for (const member of ['url', 'nextUrl']) {
      const [, host] = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(urlText(read(request, member))) ?? [];
      if (host !== undefined) return host;
    }
  }
  return undefined;
}
