'use strict';

// Nobody who makes a request, or a framework's object, decides what is in the header.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { setImmediate } = require('node:timers/promises');
const { parseSetCookie } = require('cookie');
const fc = require('fast-check');
const { captureClickId, getClickIdFromCookie } = require('refport');
const { build, failing, recipe, revoked } = require('../support/click-id-hostile-values.js');

/** The value is what `encodeURIComponent` leaves; after it come the attributes of this package, and nothing else. */
const HEADER = /^refp_id=[\w.!~*'()%-]+; Max-Age=7776000; Path=\/; SameSite=Lax; HttpOnly(?:; Secure)?$/;

/** @param {ReturnType<typeof captureClickId>} click */
function check(click) {
  if (click === null) return;
  assert.match(click.setCookie, HEADER);
  assert.equal(parseSetCookie(click.setCookie).value, click.clickId);
  assert.equal(getClickIdFromCookie(click.setCookie.split(';', 1)[0]), click.clickId);
  assert.ok(click.clickId.length >= 1 && click.clickId.length <= 500);
  assert.doesNotMatch(click.clickId, /\p{Cc}/u);
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.string({
    unit: fc.constantFrom('a', ';', ',', ' ', '\r', '\n', '=', '"', '\\', '%', '0', 'd', '\0', '\ud800', 'ü', '✓'),
  }),
  fc.constantFrom('a; Domain=evil.example', 'a%0d%0aSet-Cookie:%20b=c', 'a\r\nb', '%', '%00', '%ff', '"a"', 'a,b'),
);

test('any text as the value', () => {
  fc.assert(
    fc.property(nasty, nasty, (text, host) => {
      check(captureClickId({ query: { refp_id: text } }));
      check(captureClickId({ url: `/?refp_id=${text}`, headers: { host } }));
      check(captureClickId({ url: `https://${host}/?refp_id=${text}` }));
      check(captureClickId({ rawQueryString: `a=${host}&refp_id=${text}` }));
      check(captureClickId({ queryStringParameters: { refp_id: text }, requestContext: { elb: {} } }));
      check(captureClickId({ url: `/?refp_id=${encodeURIComponent(text.replace(/\p{Cs}/gu, ''))}` }));
    }),
    { numRuns: 2000 },
  );
});

test('any text that is a click id comes back through the cookie', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), (text) => {
      fc.pre(!/\p{Cc}/u.test(text) && text.length <= 500);
      const click = captureClickId({ url: `/?refp_id=${encodeURIComponent(text)}` });
      assert.equal(click?.clickId, text);
      assert.equal(getClickIdFromCookie(click?.setCookie.split(';', 1)[0]), text);
    }),
  );
});

test('whatever a request is', async () => {
  const members = [
    'url',
    'originalUrl',
    'nextUrl',
    'query',
    'rawQueryString',
    'querystring',
    'Records',
    'requestContext',
  ];
  const parsed = [
    'queryStringParameters',
    'multiValueQueryStringParameters',
    'headers',
    'req',
    'request',
    'node',
    'raw',
  ];
  const shape = fc.dictionary(fc.constantFrom(...members, ...parsed), recipe);
  fc.assert(
    fc.property(recipe, shape, fc.constantFrom('first', 'last'), (hostile, of, keep) => {
      const options = { keep: /** @type {'first' | 'last'} */ (keep) };
      check(captureClickId(build(hostile), options));
      const request = Object.fromEntries(Object.entries(of).map(([name, value]) => [name, build(value)]));
      check(captureClickId(request, options));
      check(captureClickId({ ...request, query: { refp_id: 'a' } }, options));
    }),
    { numRuns: 3000 },
  );
  for (const request of [failing, revoked()]) assert.equal(captureClickId(request), null);
  // A rejection that nobody handles would have come up by now.
  await setImmediate();
});

test('a query as long as it can be takes no time', () => {
  const query = `${'a=b&'.repeat(1 << 18)}refp_id=a`;
  assert.equal(captureClickId({ url: `/?${query}` })?.clickId, 'a');
  assert.equal(captureClickId({ url: `/?${'%'.repeat(1 << 20)}` }), null);
});
