'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');

const { getClickIdFromRequest } = require('refport');

const get = (/** @type {string} */ name) => (name === 'refp_id' ? 'not a cookie' : undefined);

/** @type {Record<string, unknown>} */
const values = {
  undefined: undefined,
  null: null,
  'a number': 1,
  'a header': 'refp_id=a',
  'an object that holds nothing': {},
  'a response': new Response(null, { headers: { 'set-cookie': 'refp_id=a' } }),
  'cookies in a plain object, which may be anything': { refp_id: 'a' },
  'a header of that name': new Headers({ refp_id: 'a' }),
  'a parameter of that name': new URL('http://127.0.0.1/?refp_id=a').searchParams,
  "a request's method for headers": { headers: {}, get },
  "a request's method for headers, next to cookies": { cookies: {}, get },
  "a context's method for variables": { req: {}, get },
};

describe('there is no click ID in', () => {
  for (const [name, value] of Object.entries(values)) {
    it(name, () => assert.equal(getClickIdFromRequest(value), null));
  }
});
