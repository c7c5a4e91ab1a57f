'use strict';

// NO_PROXY, entry by entry, as Node reads it.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { loadSource } = require('../support/source.js');

const { isExcluded } = loadSource('lib/engine/native/proxy-environment.ts');

const API = 'https://app.refport.co/api';

/** @type {[list: string, url: string, excluded: boolean][]} */
const CASES = [
  ...['*', 'app.refport.co', 'x, APP.refport.co', 'x app.refport.co', '.refport.co', '*.refport.co'].map(
    (list) => /** @type {[string, string, boolean]} */ ([list, API, true]),
  ),
  ...['', ',', 'refport.co', 'pp.refport.co', 'app.refport.co.evil', '.port.co', '*refport.co'].map(
    (list) => /** @type {[string, string, boolean]} */ ([list, API, false]),
  ),
  ['.refport.co', 'https://refport.co', true],
  ['app.refport.co:443', API, true],
  ['app.refport.co:80', API, false],
  ['app.refport.co:', API, false],
  ['app.refport.co:80', 'http://app.refport.co', true],
  ['10.0.0.1-10.0.0.9', 'http://10.0.0.5', true],
  ['10.0.0.1-10.0.0.9', 'http://10.0.0.10', false],
  ['10.0.0.9-10.0.0.1', 'http://10.0.0.5', false],
  ['10.0.0.1-10.0.0.9', 'http://ten.test', false],
  ['::1', 'http://[::1]:8080', true],
  ['[::1]', 'http://[::1]:8080', true],
  ['[::1]:8080', 'http://[::1]:8080', true],
  ['[::1]:8081', 'http://[::1]:8080', false],
];

for (const [list, url, excluded] of CASES) {
  test(`NO_PROXY=${JSON.stringify(list)} ${excluded ? 'excludes' : 'does not exclude'} ${url}`, () => {
    assert.equal(isExcluded(list, new URL(url)), excluded);
  });
}

test('any list is read without throwing, and a host that is listed among anything is excluded', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.webAuthority({ withPort: true }), (others, authority) => {
      const url = new URL(`http://${authority}`);
      isExcluded(others.join(','), url);
      assert.ok(isExcluded([...others, url.hostname].join(','), url));
    }),
  );
});
