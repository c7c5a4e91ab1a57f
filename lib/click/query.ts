import { asText, isArray, isObject, read, readOwn } from './safe-access.ts';

// Finds a parameter of the URL in every kind of request.

/** Members that hold the URL or its query, as text or as a `URL`. `originalUrl` first: routers rewrite `url`. */
const URLS = ['originalUrl', 'url', 'nextUrl'];

/** Members that hold the query alone, as text: API Gateway v2 and function URLs, Lambda@Edge and Koa. */
const QUERIES = ['rawQueryString', 'querystring'];

/** Members that hold the query parsed: Express, Fastify, Koa and Next.js' pages; API Gateway v1 and load balancers. */
const PARSED = ['query', 'multiValueQueryStringParameters', 'queryStringParameters'];

/** The first value of `name`, decoded; `undefined` if no request has the parameter. */
export function queryParameter(requests: object[], name: string): string | undefined {
  for (const request of requests) {
    for (const member of URLS) {
      const value = inQuery(queryOf(urlText(read(request, member))), name);
      if (value !== undefined) return value;
    }
    for (const member of QUERIES) {
      const value = inQuery(asText(read(request, member)), name);
      if (value !== undefined) return value;
    }
    for (const member of PARSED) {
      const value = parsedValue(request, member, name);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** A URL as text; a `URL`, Next.js' `nextUrl` and a router's location have `href` or `search`. */
export function urlText(url: unknown): string {
  if (!isObject(url)) return asText(url);
  return asText(read(url, 'href')) || asText(read(url, 'search'));
}

function queryOf(url: string): string {
  const start = url.indexOf('?');
  if (start === -1) return '';
  const hash = url.indexOf('#');
  if (hash === -1) return url.slice(start + 1);
  return hash < start ? '' : url.slice(start + 1, hash);
}

function inQuery(query: string, name: string): string | undefined {
  // Most requests carry no click: parsing every query would cost more than looking for the name.
  if (!query.includes(name) && !query.includes('%') && !query.includes('+')) return undefined;
  return new URLSearchParams(query).get(name) ?? undefined;
}

function parsedValue(request: object, member: string, name: string): string | undefined {
  const query = read(request, member);
  if (!isObject(query)) return undefined;
  const found = readOwn(query, name);
  const value = isArray(found) ? readOwn(found, '0') : found;
  if (typeof value !== 'string') return undefined;
  return isEncoded(request) ? decoded(value) : value;
}

/** Load balancers leave the values of an event percent-encoded, API Gateway decodes them. */
function isEncoded(request: object): boolean {
  return read(read(request, 'requestContext'), 'elb') !== undefined;
}

function decoded(value: string): string {
  return new URLSearchParams(`value=${value}`).get('value') ?? '';
}
