'use strict';

// What is read of a landing request, be it of the Fetch API, of Node, of AWS or a plain object.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { captureClickId, getClickIdFromRequest } = require('refport');
const result = require('refport/result');
const { landingRequests } = require('../support/landing-requests.js');

/** @param {unknown} request */
const idIn = (request) => captureClickId(request)?.clickId ?? null;

/** @type {[title: string, query: string, id: string | null][]} */
const queries = [
  ['alone', 'refp_id=click_1', 'click_1'],
  ['among others', 'utm_source=ada&refp_id=click_1&b=2', 'click_1'],
  ['the first of several', 'refp_id=first&refp_id=second', 'first'],
  ['percent-encoded', 'refp_id=click%2Fada%207%C3%BC', 'click/ada 7ü'],
  ['decoded once', 'refp_id=%2541', '%41'],
  ['a plus is a space', 'refp_id=a+b', 'a b'],
  ['none', 'utm_source=ada', null],
  ['empty', 'refp_id=', null],
  ['another name', 'xrefp_id=a&refp_id2=b', null],
];

for (const [shape, make] of Object.entries(landingRequests)) {
  describe(`a request in the shape of ${shape}`, () => {
    for (const [title, query, id] of queries) test(title, () => assert.equal(idIn(make(query)), id));

    test('one with the header of its host, and a cookie from before', () => {
      const request = make('refp_id=new', 'a=b; refp_id=old');
      assert.match(captureClickId(request)?.setCookie ?? '', /^refp_id=new; .*; Secure$/);
      assert.equal(getClickIdFromRequest(request), 'old');
    });
  });
}

test('a name that is percent-encoded', () => {
  assert.equal(idIn({ url: '/?refp%5Fid=click_1' }), 'click_1');
});

test('what cannot be decoded does not throw', () => {
  assert.equal(idIn({ url: '/?refp_id=100%' }), '100%');
  assert.equal(idIn({ query: { refp_id: '\ud800' } }), null);
});

test('from 1 to 500 characters, none of them a control character', () => {
  assert.equal(idIn({ query: { refp_id: 'x'.repeat(500) } }), 'x'.repeat(500));
  assert.equal(idIn({ query: { refp_id: 'x'.repeat(501) } }), null);
  for (const control of ['\0', '\t', '\n', '\r', '\x7f', '\x85']) {
    assert.equal(idIn({ query: { refp_id: `a${control}b` } }), null, JSON.stringify(control));
    assert.equal(idIn({ url: `/?refp_id=a${encodeURIComponent(control)}b` }), null, JSON.stringify(control));
  }
});

test('own members of a parsed query only, and strings only', () => {
  assert.equal(captureClickId({ query: Object.create({ refp_id: 'a' }) }), null);
  assert.equal(captureClickId({ query: { refp_id: { toString: () => 'a' } } }), null);
  assert.equal(captureClickId({ query: { toString: 'a' } }, { paramName: 'toString' })?.clickId, 'a');
});

test('null for what is no request', () => {
  for (const request of [undefined, null, 7, 'https://example.com/?refp_id=a', Symbol('a'), [], {}, () => {}]) {
    assert.equal(captureClickId(/** @type {any} */ (request)), null);
  }
});

test('the entry with results has it too', () => assert.equal(result.captureClickId, captureClickId));
