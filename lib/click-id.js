'use strict';

// Where a click ID is in a request. How to read it out of a Cookie header is in cookie.js; here is how to find that
// header, or the cookies that a framework has parsed already, in every kind of request. Edge runtimes load this too, so it
// takes nothing from Node.

const { DEFAULT_COOKIE_NAME, clickId, clickIdInMap } = require('./cookie.js');

/** What Node accepts in one request by default. */
const MAX_HEADER_LINES = 2000;

/**
 * Finds the click ID in the value of a `Cookie` header.
 *
 * @param {string | null | undefined} cookieHeader
 * @param {string} [cookieName] `refp_id` by default
 * @returns {string | null} decoded; `null` if there is none, or for an argument that is no string
 */
function getClickIdFromCookie(cookieHeader, cookieName = DEFAULT_COOKIE_NAME) {
  if (typeof cookieHeader !== 'string' || typeof cookieName !== 'string') return null;
  return clickId(cookieHeader, cookieName);
}

/**
 * Finds the click ID in a request of any framework, or in a bare cookie store: first among the cookies that the
 * framework has parsed, then in the `Cookie` header.
 *
 * @param {unknown} req
 * @param {string} [cookieName] `refp_id` by default
 * @returns {string | null} decoded; `null` if there is none, whatever `req` is and does
 */
function getClickIdFromRequest(req, cookieName = DEFAULT_COOKIE_NAME) {
  if (!isObject(req) || typeof cookieName !== 'string' || cookieName === '') return null;
  const requests = requestsIn(req);
  const parsed = parsedCookie(req, requests, cookieName);
  if (parsed !== '') {
    // Without these, there is nothing that one framework decodes or unquotes and another does not.
    if (!parsed.includes('%') && !parsed.includes('"')) return parsed;
    const [header = ''] = cookieHeaders(req, requests);
    const id = clickIdInMap(parsed, header, cookieName);
    if (id !== null) return id;
  }
  for (const header of cookieHeaders(req, requests)) {
    const id = getClickIdFromCookie(header, cookieName);
    if (id !== null) return id;
  }
  return null;
}

/**
 * The first value in a cookie map or store of `req`; empty if there is none.
 *
 * @param {object} req
 * @param {object[]} requests
 * @param {string} name
 */
function parsedCookie(req, requests, name) {
  for (const request of requests) {
    const value = storedValue(read(request, 'cookies'), name);
    if (value !== '') return value;
  }
  return isCookieStore(req) ? storedValue(req, name) : '';
}

/**
 * @param {unknown} cookies
 * @param {string} name
 * @returns {string} empty if there is no such cookie
 */
function storedValue(cookies, name) {
  if (!isObject(cookies) || isArray(cookies)) return '';
  if (typeof read(cookies, 'get') !== 'function') return asText(readOwn(cookies, name));
  const cookie = call(cookies, 'get', name);
  return asText(isObject(cookie) ? read(cookie, 'value') : cookie);
}

/**
 * The `Cookie` headers of `req`: one, or the several renditions of it in an API Gateway event.
 *
 * @param {object} req
 * @param {object[]} requests
 * @returns {Generator<string, void, void>} none of them empty
 */
function* cookieHeaders(req, requests) {
  for (const lines of headerLines(req, requests)) {
    const header = joined(lines);
    if (header !== '') yield header;
  }
}

/**
 * @param {object} req
 * @param {object[]} requests
 * @returns {Generator<unknown, void, void>}
 */
function* headerLines(req, requests) {
  for (const request of requests) {
    // In an API Gateway event, `headers` may hold only the last of several lines.
    const cookies = read(request, 'cookies');
    if (isArray(cookies)) yield cookies;
    yield cookieIn(read(request, 'multiValueHeaders'));
    yield cookieIn(read(request, 'headers'));
  }
  // Hono's. Never on `req` itself: the same method of a Hono context changes the response.
  yield call(read(req, 'req'), 'header', 'cookie');
  if (isHeaders(req)) yield cookieIn(req);
}

/**
 * What may be the request in what a framework gives to a handler, from the outside in.
 *
 * @param {object} req
 * @returns {object[]}
 */
function requestsIn(req) {
  const inner = read(req, 'req'); // Hono, h3 v2, getServerSideProps
  return [
    req,
    inner,
    read(req, 'request'), // SvelteKit, Astro, Remix; also Koa's cookie store
    read(read(req, 'node'), 'req'), // h3 v1
    read(req, 'raw'), // the request object of Hono
    read(inner, 'raw'),
  ].filter(isObject);
}

/**
 * The `Cookie` header in whatever letter case.
 *
 * @param {unknown} headers
 * @returns {unknown}
 */
function cookieIn(headers) {
  if (!isObject(headers)) return undefined;
  const cookie = call(headers, 'get', 'cookie') ?? readOwn(headers, 'cookie');
  if (cookie !== undefined && cookie !== null) return cookie;
  const name = keysOf(headers).find((key) => key.length === 6 && key.toLowerCase() === 'cookie');
  if (name === undefined) return undefined;
  return isMap(headers) ? call(headers, 'get', name) : readOwn(headers, name);
}

/**
 * Header lines as one header, joined like Node joins them.
 *
 * @param {unknown} lines
 * @returns {string} empty if there are none
 */
function joined(lines) {
  if (!isArray(lines)) return asText(lines);
  const length = read(lines, 'length');
  const count = typeof length === 'number' ? Math.min(length, MAX_HEADER_LINES) : 0;
  return Array.from({ length: count }, (_, index) => asText(readOwn(lines, String(index)))).join('; ');
}

/**
 * Next.js' `await cookies()`, SvelteKit's, Astro's or Koa's `cookies`, a `Map`. Requests have a method `get`, too.
 *
 * @param {object} value
 */
function isCookieStore(value) {
  const isRequest = ['headers', 'cookies', 'req'].some((key) => read(value, key) !== undefined);
  return typeof read(value, 'get') === 'function' && !isRequest && !isHeaders(value);
}

/**
 * Of whatever realm or library, so no `instanceof`.
 *
 * @param {object} value
 */
function isHeaders(value) {
  return typeof read(value, 'get') === 'function' && typeof read(value, 'append') === 'function';
}

/**
 * @param {unknown} value
 * @returns {value is object}
 */
function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** @param {unknown} value */
function asText(value) {
  return typeof value === 'string' ? value : '';
}

// From here on, what touches a foreign object: its getters, methods and proxy traps may throw.

/**
 * @param {unknown} object
 * @param {string} key
 * @returns {unknown}
 */
function read(object, key) {
  try {
    return /** @type {any} */ (object)?.[key];
  } catch {
    return undefined;
  }
}

/**
 * @param {object} object
 * @param {string} key
 * @returns {unknown}
 */
function readOwn(object, key) {
  try {
    return Object.hasOwn(object, key) ? /** @type {any} */ (object)[key] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} object
 * @param {string} method
 * @param {string} argument
 * @returns {unknown}
 */
function call(object, method, argument) {
  try {
    const found = /** @type {any} */ (object)?.[method];
    const result = typeof found === 'function' ? found.call(object, argument) : undefined;
    ignoreRejection(result);
    return result;
  } catch {
    return undefined;
  }
}

/**
 * An asynchronous store is of no use here, but its failure must not become an unhandled rejection.
 *
 * @param {unknown} value
 */
function ignoreRejection(value) {
  if (!isObject(value)) return;
  try {
    // Throws for what is no promise, which takes too long to be tried on every cookie.
    if (hasTag(value, 'Promise') || typeof read(value, 'then') === 'function') {
      Promise.prototype.then.call(value, undefined, () => {});
    }
  } catch {}
}

/**
 * @param {object} value
 * @returns {value is Map<unknown, unknown>}
 */
function isMap(value) {
  try {
    if (!hasTag(value, 'Map')) return false;
    // Throws for an object that only claims to be one.
    Map.prototype.has.call(value, undefined);
    return true;
  } catch {
    return false;
  }
}

/**
 * What an object of the language says it is, in whatever realm it was made. Objects can lie about it.
 *
 * @param {object} value
 * @param {string} tag
 */
function hasTag(value, tag) {
  return Object.prototype.toString.call(value) === `[object ${tag}]`;
}

/**
 * @param {object} object
 * @returns {string[]}
 */
function keysOf(object) {
  try {
    const keys = isMap(object) ? [...Map.prototype.keys.call(object)] : Object.keys(object);
    return keys.filter((key) => typeof key === 'string');
  } catch {
    return [];
  }
}

/**
 * @param {unknown} value
 * @returns {value is unknown[]}
 */
function isArray(value) {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

module.exports = { getClickIdFromCookie, getClickIdFromRequest };
