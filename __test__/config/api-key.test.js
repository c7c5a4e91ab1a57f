'use strict';

// A key that cannot be one is refused by the constructor, by name, and never shown.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const { entries } = require('../support/endpoints.js');
const { withEnvironment } = require('../support/environment.js');
const { assertError } = require('../support/refport-client.js');

const absent = [
  '',
  ' ',
  '\t\n',
  '\u00a0',
  null,
  7,
  0,
  true,
  false,
  {},
  [],
  ['rk_1'],
  () => 'rk_1',
  Symbol('rk'),
  1n,
  new String('rk_1'),
  Buffer.from('rk_1'),
];

/** What would have to be left out or escaped to be sent in a header. */
const unsendable = [
  '\n',
  '\r\n',
  '\0',
  '\x07',
  '\x7f',
  ' ',
  '\t',
  'ä',
  '€',
  '😀',
  '\ud800',
  '\u00a0',
  '\u200b',
  '\ufeff',
  '\r\nX-Injected: 1',
];
const spoilt = unsendable.flatMap((text) => [`${text}rk_s3cret`, `rk_s3${text}cret`, `rk_s3cret${text}`]);

describe('apiKey', () => {
  for (const entry of entries) {
    const { Refport } = entry.sdk;

    /** @param {unknown[]} args */
    function refusalOf(...args) {
      /** @type {any} */
      let refusal;
      assert.throws(
        () => new Refport(...args),
        (error) => {
          refusal = error;
          return true;
        },
      );
      assertError(refusal, { name: 'RefportAuthError', code: 'UNAUTHORIZED', status: 401, message: /\bapiKey\b/ });
      assert.equal(refusal.attempts, 0);
      assert.equal(refusal.constructor, entry.sdk.RefportAuthError);
      return refusal;
    }

    for (const apiKey of absent) {
      it(`${entry.name}: ${inspect(apiKey)} is none`, () => {
        assert.match(refusalOf({ apiKey }).message, /REFPORT_API_KEY/);
      });
    }

    it(`${entry.name}: none given at all`, () => {
      withEnvironment({}, () => {
        for (const args of [[], [undefined], [{}], [{ apiKey: undefined }], [[]]]) {
          assert.match(refusalOf(...args).message, /REFPORT_API_KEY/);
        }
      });
    });

    for (const apiKey of spoilt) {
      it(`${entry.name}: ${JSON.stringify(apiKey)} cannot be sent`, () => {
        const shown = inspect(refusalOf({ apiKey }), { depth: null, showHidden: true });
        assert.ok(!shown.includes('rk_s3') && !shown.includes('cret'), shown);
      });
    }

    it(`${entry.name}: any other text is the API's to judge`, () => {
      for (const apiKey of ['x', 'rk_live_1', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'k'.repeat(4096)])
        new Refport({ apiKey });
    });

    for (const config of [null, 'rk_1', 7, true, Symbol('x'), () => {}]) {
      it(`${entry.name}: ${inspect(config)} is no configuration`, () => {
        assert.throws(
          () => new Refport(config),
          (error) => {
            assertError(error, {
              name: 'RefportValidationError',
              code: 'VALIDATION_ERROR',
              status: 422,
              message: /config/,
            });
            return !(/** @type {Error} */ (error).message.includes('rk_1'));
          },
        );
      });
    }
  }
});
