'use strict';

// Requests that can be made without a server: classes of the Fetch API and of Next.js, cookie stores, events of AWS and
// plain objects. Each is made from the value of a Cookie header.

const { NextRequest } = require('next/server');
const { RequestCookies } = require('next/dist/server/web/spec-extension/cookies');
const { HeadersAdapter } = require('next/dist/server/web/spec-extension/adapters/headers');
const { RequestCookiesAdapter } = require('next/dist/server/web/spec-extension/adapters/request-cookies');
const undici = require('undici');
const { parseCookie } = require('cookie');

const url = 'http://127.0.0.1/sign-up';

/** @typedef {string | undefined} Header */

/** @param {Header} header */
const fields = (header) => (header === undefined ? {} : { cookie: header });

/**
 * The parsed cookies of SvelteKit and Astro, which both use the package `cookie`. (The frameworks themselves are a
 * hundred packages each.)
 * @param {Header} header
 */
const parsed = (header) => parseCookie(header ?? '');

/** @type {Record<string, (header: Header) => unknown>} */
const fetchRequests = {
  Request: (header) => new Request(url, { headers: fields(header) }),
  'Request of another undici': (header) => new undici.Request(url, { headers: fields(header) }),
  NextRequest: (header) => new NextRequest(url, { headers: fields(header) }),
  'an object with Headers': (header) => ({ headers: new Headers(fields(header)) }),
  "an object with another undici's Headers": (header) => ({ headers: new undici.Headers(fields(header)) }),
  'Next.js: an object with `await headers()`': (header) => ({
    headers: HeadersAdapter.seal(new Headers(fields(header))),
  }),
  'Next.js: `await headers()`': (header) => HeadersAdapter.seal(new Headers(fields(header))),
  'Remix: arguments of a loader': (header) => ({
    request: new Request(url, { headers: fields(header) }),
    params: {},
    context: {},
  }),
};

/** @type {Record<string, (header: Header) => unknown>} */
const nextStores = {
  'Next.js: `await cookies()`': (header) => RequestCookiesAdapter.seal(new RequestCookies(new Headers(fields(header)))),
  'Next.js: an object with `await cookies()`': (header) => ({
    cookies: RequestCookiesAdapter.seal(new RequestCookies(new Headers(fields(header)))),
  }),
};

/** @type {Record<string, (header: Header) => unknown>} */
const cookieStores = {
  'SvelteKit: event': (header) => ({
    cookies: svelteKitCookies(header),
    request: new Request(url, { headers: fields(header) }),
  }),
  'SvelteKit: event.cookies': svelteKitCookies,
  'Astro: context': (header) => ({
    cookies: new AstroCookies(header),
    request: new Request(url, { headers: fields(header) }),
  }),
  'Astro: context.cookies': (header) => new AstroCookies(header),
  'a Map': (header) => new Map(Object.entries(parsed(header))),
  'an object with a Map': (header) => ({ cookies: new Map(Object.entries(parsed(header))) }),
};

/** @type {Record<string, (header: Header) => unknown>} */
const awsEvents = {
  'Lambda URL, API Gateway v2': (header) => ({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/sign-up',
    headers: { host: 'example.lambda-url.eu-central-1.on.aws', accept: '*/*' },
    ...(header === undefined ? {} : { cookies: header.split(/; */) }),
    requestContext: { http: { method: 'POST', path: '/sign-up' } },
    isBase64Encoded: false,
  }),
  'API Gateway v1': (header) => ({
    resource: '/sign-up',
    httpMethod: 'POST',
    headers: { Accept: '*/*', ...(header === undefined ? {} : { Cookie: header }) },
    multiValueHeaders: { Accept: ['*/*'], ...(header === undefined ? {} : { Cookie: [header] }) },
  }),
  'API Gateway v1, a line per cookie': (header) => {
    const lines = header?.split(/; */);
    return {
      resource: '/sign-up',
      httpMethod: 'POST',
      headers: { Accept: '*/*', ...(lines ? { Cookie: lines.at(-1) } : {}) },
      multiValueHeaders: { Accept: ['*/*'], ...(lines ? { Cookie: lines } : {}) },
    };
  },
  'load balancer with multi-value headers': (header) => ({
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/b' } },
    multiValueHeaders: { accept: ['*/*'], ...(header === undefined ? {} : { cookie: [header] }) },
  }),
  'Lambda@Edge': (header) => ({
    Records: [{ cf: { config: { eventType: 'viewer-request' }, request: edgeRequest(header) } }],
  }),
  'Lambda@Edge, the request alone': edgeRequest,
  'Lambda@Edge, a line per cookie': (header) => edgeRequest(header, header?.split(/; */)),
};

/** @param {Header} header @param {string[] | undefined} [lines] */
function edgeRequest(header, lines = header === undefined ? [] : [header]) {
  const cookie = lines.map((value) => ({ key: 'Cookie', value }));
  const accept = [{ key: 'Accept', value: '*/*' }];
  return {
    uri: '/sign-up',
    method: 'POST',
    querystring: '',
    headers: { accept, ...(header === undefined ? {} : { cookie }) },
  };
}

/** @type {Record<string, (header: Header) => unknown>} */
const plainObjects = {
  'headers.cookie': (header) => ({ headers: fields(header) }),
  'headers.Cookie': (header) => ({ headers: { Cookie: header } }),
  'headers.COOKIE': (header) => ({ headers: { Accept: '*/*', COOKIE: header } }),
  'headers without a prototype': (header) => ({ headers: Object.assign(Object.create(null), fields(header)) }),
  'lines in an array': (header) => ({ headers: { cookie: header?.split('; ') } }),
  'headers in a Map': (header) => ({ headers: new Map(header === undefined ? [] : [['cookie', header]]) }),
  'headers in a Map, another case': (header) => ({
    headers: new Map(
      /** @type {[unknown, Header][]} */ ([
        [null, 'a'],
        [Symbol('cookie'), 'b'],
        ['CookiE', header],
      ]),
    ),
  }),
  'lines in a Map': (header) => ({ headers: new Map([['Cookie', header?.split('; ')]]) }),
  'cookies without a prototype': (header) => ({ cookies: Object.assign(Object.create(null), parsed(header)) }),
  'a context with a Request': (header) => ({ req: { raw: new Request(url, { headers: fields(header) }) } }),
  'a context with a method for headers': (header) => ({
    req: { header: (/** @type {string} */ name) => (name === 'cookie' ? header : undefined) },
  }),
  'a function': (header) => Object.assign(() => {}, { headers: fields(header) }),
};

/** @param {Header} header */
function svelteKitCookies(header) {
  const cookies = parsed(header);
  return { get: (/** @type {string} */ name) => cookies[name], getAll: () => [], set() {}, delete() {} };
}

class AstroCookies {
  #cookies;

  /** @param {Header} header */
  constructor(header) {
    this.#cookies = parsed(header);
  }

  /** @param {string} name */
  get(name) {
    const value = this.#cookies[name];
    return value === undefined ? undefined : { value, json: () => JSON.parse(value) };
  }
}

module.exports = { fetchRequests, nextStores, cookieStores, awsEvents, plainObjects };
