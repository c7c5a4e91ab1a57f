'use strict';

// Requests to a landing page that can be made without a server. Each is made from a query string, the rest of the URL
// being the same, and from cookies.

const { NextRequest } = require('next/server');
const undici = require('undici');

const ORIGIN = 'https://shop.example';

/** @param {string} query */
const url = (query) => `${ORIGIN}/pricing?${query}`;

/** @param {string | undefined} cookie */
const fields = (cookie) => ({ host: 'shop.example', ...(cookie === undefined ? {} : { cookie }) });

/** What frameworks put into `query`. @param {string} query */
const parsed = (query) => {
  /** @type {Record<string, string | string[]>} */
  const values = {};
  for (const name of new Set(new URLSearchParams(query).keys())) {
    const all = new URLSearchParams(query).getAll(name);
    values[name] = all.length > 1 ? all : (all[0] ?? '');
  }
  return values;
};

/** @type {Record<string, (query: string, cookie?: string) => unknown>} */
const landingRequests = {
  Request: (query, cookie) => new Request(url(query), { headers: fields(cookie) }),
  'Request of another undici': (query, cookie) => new undici.Request(url(query), { headers: fields(cookie) }),
  NextRequest: (query, cookie) => new NextRequest(url(query), { headers: fields(cookie) }),
  'nextUrl alone': (query, cookie) => ({ nextUrl: new NextRequest(url(query)).nextUrl, headers: fields(cookie) }),
  'SvelteKit, Astro: event': (query, cookie) => ({
    url: new URL(url(query)),
    request: new Request(url(query), { headers: fields(cookie) }),
  }),
  'React Router: arguments of a loader': (query, cookie) => ({
    request: new Request(url(query), { headers: fields(cookie) }),
    params: {},
    context: {},
  }),
  'IncomingMessage in a router': (query, cookie) => ({
    url: '/',
    originalUrl: `/pricing?${query}`,
    headers: fields(cookie),
  }),
  'parsed query': (query, cookie) => ({ query: parsed(query), headers: fields(cookie) }),
  'URL with a fragment': (query, cookie) => ({ url: `/pricing?${query}#a?refp_id=no`, headers: fields(cookie) }),
  'h3 v1: event.node': (query, cookie) => ({
    node: { req: { url: `/pricing?${query}`, headers: fields(cookie) } },
  }),
  'Lambda URL, API Gateway v2': (query, cookie) => ({
    version: '2.0',
    rawPath: '/pricing',
    rawQueryString: query,
    // API Gateway joins values of one name.
    queryStringParameters: Object.fromEntries(
      Object.entries(parsed(query)).map(([name, value]) => [name, [value].flat().join(',')]),
    ),
    headers: { host: 'shop.example' },
    ...(cookie === undefined ? {} : { cookies: [cookie] }),
    requestContext: { http: { method: 'GET', path: '/pricing' } },
  }),
  'API Gateway v1': (query, cookie) => ({
    httpMethod: 'GET',
    path: '/pricing',
    // The last value of a name; all are in the other.
    queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
    multiValueQueryStringParameters: Object.fromEntries(
      Object.entries(parsed(query)).map(([name, value]) => [name, [value].flat()]),
    ),
    headers: { Host: 'shop.example', ...(cookie === undefined ? {} : { Cookie: cookie }) },
    requestContext: { stage: 'prod' },
  }),
  'load balancer, which decodes nothing': (query, cookie) => ({
    httpMethod: 'GET',
    queryStringParameters: Object.fromEntries(
      query
        .split('&')
        .reverse()
        .map((pair) => pair.split('=')),
    ),
    headers: fields(cookie),
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/a/b' } },
  }),
  'Lambda@Edge': (query, cookie) => ({ Records: [{ cf: { request: edgeRequest(query, cookie) } }] }),
  'Lambda@Edge, the request alone': edgeRequest,
};

/** @param {string} query @param {string} [cookie] */
function edgeRequest(query, cookie) {
  return {
    method: 'GET',
    uri: '/pricing',
    querystring: query,
    headers: {
      host: [{ key: 'Host', value: 'shop.example' }],
      ...(cookie === undefined ? {} : { cookie: [{ key: 'Cookie', value: cookie }] }),
    },
  };
}

module.exports = { landingRequests };
