'use strict';

// A base URL that requests cannot go to is refused by the constructor, by name.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const { entries } = require('../support/endpoints.js');
const { withEnvironment } = require('../support/environment.js');
const { API_KEY, assertError } = require('../support/refport-client.js');

const bad = [
  '',
  ' ',
  'app.refport.co',
  'localhost:3000',
  '/api',
  '//app.refport.co',
  'http',
  'http:',
  'http://',
  'https://',
  'http:///',
  'http://:80',
  'http://host:port',
  'http://host:99999',
  'http://a b',
  'http://[::1',
  'http://%00',
  'ftp://app.refport.co',
  'ws://app.refport.co',
  'file:///etc/hosts',
  'data:text/plain,hi',
  'javascript:alert(1)',
  'mailto:a@b.test',
  'https://app.refport.co?x=1',
  'https://app.refport.co/?',
  'https://app.refport.co#x',
  'https://user@app.refport.co',
  'https://user:hunter2@app.refport.co',
  7,
  true,
  [],
  {},
  () => 'https://app.refport.co',
  Symbol('url'),
  1n,
  new URL('https://app.refport.co'),
];

const good = [
  'https://app.refport.co',
  'HTTPS://APP.REFPORT.CO',
  'http://localhost',
  'http://localhost:3000/',
  'http://127.0.0.1:1',
  'http://[::1]:8080/prefix',
  'https://münchen.test/ä',
];

describe('baseUrl', () => {
  for (const entry of entries) {
    const { Refport } = entry.sdk;

    for (const baseUrl of bad) {
      it(`${entry.name}: ${inspect(baseUrl)} is refused`, () => {
        assert.throws(
          () => new Refport({ apiKey: API_KEY, baseUrl }),
          (error) => {
            assertError(error, {
              name: 'RefportValidationError',
              code: 'VALIDATION_ERROR',
              status: 422,
              message: /^baseUrl\b/,
            });
            const shown = inspect(error, { depth: null, showHidden: true });
            assert.ok(!shown.includes(API_KEY) && !shown.includes('hunter2'), shown);
            return true;
          },
        );
      });
    }

    it(`${entry.name}: the key in the place of the URL, and the other way round`, () => {
      assert.throws(
        () => new Refport({ apiKey: 'https://app.refport.co', baseUrl: API_KEY }),
        (error) => error instanceof entry.sdk.RefportError && !inspect(error, { showHidden: true }).includes(API_KEY),
      );
    });

    for (const baseUrl of good) {
      it(`${entry.name}: ${baseUrl} is accepted`, () => {
        new Refport({ apiKey: API_KEY, baseUrl });
      });
    }

    it(`${entry.name}: one of the environment is refused like any other`, () => {
      withEnvironment({ REFPORT_BASE_URL: 'app.refport.co' }, () => {
        assert.throws(() => new Refport({ apiKey: API_KEY }), { name: 'RefportValidationError', message: /baseUrl/ });
      });
    });
  }
});
