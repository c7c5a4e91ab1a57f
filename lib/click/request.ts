import { clickIdInHeader, clickIdInMap, DEFAULT_COOKIE_NAME } from './cookie.ts';
import { asText, call, isArray, isMap, isObject, keysOf, read, readOwn } from './safe-access.ts';

// Finds the cookies in every kind of request. Edge runtimes load this too, so it takes nothing from Node.

/** As many header lines as Node accepts in one request by default. */
const MAX_HEADER_LINES = 2000;

/** See `index.d.ts`. */
export function getClickIdFromCookie(
  cookieHeader: string | null | undefined,
  cookieName: string = DEFAULT_COOKIE_NAME,
): string | null {
  if (typeof cookieHeader !== 'string' || typeof cookieName !== 'string') return null;
  return clickIdInHeader(cookieHeader, cookieName);
}

/** See `index.d.ts`. Looks among the cookies that the framework has parsed first, then in the `Cookie` header. */
export function getClickIdFromRequest(req: unknown, cookieName: string = DEFAULT_COOKIE_NAME): string | null {
  if (!isObject(req) || typeof cookieName !== 'string' || cookieName === '') return null;
  const requests = requestsIn(req);
  const parsed = parsedCookie(req, requests, cookieName);
  if (parsed !== '') {
    // Without these characters, all frameworks give the same value.
    if (!parsed.includes('%') && !parsed.includes('"')) return parsed;
    const [header = ''] = headersOf(req, requests, 'cookie');
    const id = clickIdInMap(parsed, header, cookieName);
    if (id !== null) return id;
  }
  for (const header of headersOf(req, requests, 'cookie')) {
    const id = clickIdInHeader(header, cookieName);
    if (id !== null) return id;
  }
  return null;
}

/** The objects that may be the request, in what a framework passes to a handler: from the outside in. */
export function requestsIn(req: object): object[] {
  const inner = read(req, 'req'); // Hono, h3 v2, getServerSideProps
  return [
    req,
    inner,
    read(req, 'request'), // SvelteKit, Astro, React Router; also Koa's cookie store
    read(read(req, 'node'), 'req'), // h3 v1
    read(req, 'raw'), // the request object of Hono
    read(inner, 'raw'),
    edgeRequest(req),
  ].filter(isObject);
}

/** The request in an event of Lambda@Edge. */
function edgeRequest(event: object): unknown {
  const records = read(event, 'Records');
  return isArray(records) ? read(read(readOwn(records, '0'), 'cf'), 'request') : undefined;
}

/**
 * The values of a header: usually one, in an API Gateway event several renditions of it. None is empty.
 *
 * @param name in lower case
 */
export function* headersOf(req: object, requests: object[], name: string): Generator<string, void, void> {
  for (const lines of headerLines(req, requests, name)) {
    const header = joined(lines);
    if (header !== '') yield header;
  }
}

/** The first value in a cookie map or store; empty if there is none. */
function parsedCookie(req: object, requests: object[], name: string): string {
  for (const request of requests) {
    const value = storedValue(read(request, 'cookies'), name);
    if (value !== '') return value;
  }
  return isCookieStore(req) ? storedValue(req, name) : '';
}

function storedValue(cookies: unknown, name: string): string {
  if (!isObject(cookies) || isArray(cookies)) return '';
  if (typeof read(cookies, 'get') !== 'function') return asText(readOwn(cookies, name));
  const cookie = call(cookies, 'get', name);
  return asText(isObject(cookie) ? read(cookie, 'value') : cookie);
}

function* headerLines(req: object, requests: object[], name: string): Generator<unknown, void, void> {
  for (const request of requests) {
    if (name === 'cookie') {
      // In an API Gateway event, `headers` may hold only the last of several lines.
      const cookies = read(request, 'cookies');
      if (isArray(cookies)) yield cookies;
    }
    yield headerIn(read(request, 'multiValueHeaders'), name);
    yield headerIn(read(request, 'headers'), name);
  }
  // Hono's. Never on `req` itself: the same method of a Hono context changes the response.
  yield call(read(req, 'req'), 'header', name);
  if (isHeaders(req)) yield headerIn(req, name);
}

/** A header, in whatever letter case its name is. */
function headerIn(headers: unknown, name: string): unknown {
  if (!isObject(headers)) return undefined;
  const value = call(headers, 'get', name) ?? readOwn(headers, name);
  if (value !== undefined && value !== null) return value;
  const key = keysOf(headers).find((key) => key.length === name.length && key.toLowerCase() === name);
  if (key === undefined) return undefined;
  return isMap(headers) ? call(headers, 'get', key) : readOwn(headers, key);
}

/** Header lines as one header, joined like Node joins those of cookies; empty if there are none. */
function joined(lines: unknown): string {
  if (!isArray(lines)) return asText(lines);
  const length = read(lines, 'length');
  const count = typeof length === 'number' ? Math.min(length, MAX_HEADER_LINES) : 0;
  return Array.from({ length: count }, (_, index) => lineOf(readOwn(lines, String(index)))).join('; ');
}

/** Lambda@Edge has objects: `{ key: 'Cookie', value: 'a=b' }`. */
function lineOf(line: unknown): string {
  return asText(isObject(line) ? readOwn(line, 'value') : line);
}

/** Next.js' `await cookies()`, SvelteKit's, Astro's or Koa's `cookies`, a `Map`. Requests have a method `get`, too. */
function isCookieStore(value: object): boolean {
  const isRequest = ['headers', 'cookies', 'req'].some((key) => read(value, key) !== undefined);
  return typeof read(value, 'get') === 'function' && !isRequest && !isHeaders(value);
}

/** Of whatever realm or library, so no `instanceof`. */
function isHeaders(value: object): boolean {
  return typeof read(value, 'get') === 'function' && typeof read(value, 'append') === 'function';
}
