'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { captureClickId, RefportValidationError } = require('refport');

const landing = { url: '/?refp_id=a' };

/** @param {unknown} options @param {RegExp} message */
function refuses(options, message) {
  // Whether there is a click or not: a mistake must not wait for the first partner.
  for (const request of [landing, { url: '/' }, null]) {
    assert.throws(
      () => captureClickId(request, /** @type {any} */ (options)),
      (error) => {
        assert.ok(error instanceof RefportValidationError);
        assert.equal(error.status, 422);
        assert.match(error.message, message);
        return true;
      },
    );
  }
}

test('a bad value is named', () => {
  for (const cookieName of ['', 'a b', 'a=b', 'a;b', 'ä', 'a\r\nb', 7, null])
    refuses({ cookieName }, /^cookieName must be /);
  for (const domain of ['', 'a b', 'shop.example; Path=/', 'https://shop.example', 'a\nb', 7]) {
    refuses({ domain }, /^domain must be a domain, such as example\.com, not /);
  }
  for (const path of ['', 'app', '/a;b', '/a\nb', '/ä', 7])
    refuses({ path }, /^path must be a path that begins with \//);
  for (const maxAge of [0, -1, 1.5, Number.NaN, '60', 34_560_001]) refuses({ maxAge }, /^maxAge must be seconds: /);
  for (const sameSite of ['', 'loose', true])
    refuses({ sameSite }, /^sameSite must be 'lax', 'strict' or 'none', not /);
  for (const option of ['secure', 'httpOnly'])
    refuses({ [option]: 'yes' }, new RegExp(`^${option} must be true or false`));
  for (const keep of ['both', true]) refuses({ keep }, /^keep must be 'last' or 'first', not /);
  for (const paramName of ['', 7]) refuses({ paramName }, /^paramName must be a non-empty string, not /);
  for (const options of [null, 'refp_id', 7, []]) refuses(options, /^options must be an object, not /);
});

test('90 days in milliseconds are found', () => {
  refuses(
    { maxAge: 90 * 24 * 60 * 60 * 1000 },
    /^maxAge must be seconds: a whole number from 1 to 34560000, 400 days, not 7776000000$/,
  );
});

test('what browsers would drop without a word', () => {
  refuses({ sameSite: 'none', secure: false }, /^secure must not be false with sameSite: 'none'/);
  refuses({ cookieName: '__Secure-id', secure: false }, /^secure must not be false with __Secure-id/);
  refuses({ cookieName: '__Host-id', domain: 'shop.example' }, /^cookieName: __Host-id takes neither domain nor path$/);
  refuses({ cookieName: '__Host-id', path: '/app' }, /^cookieName: __Host-id takes neither domain nor path$/);
});

test('a name that is almost right', () => {
  for (const [name, meant] of [
    ['maxage', 'maxAge'],
    ['max_age', 'maxAge'],
    ['ttl', 'maxAge'],
    ['sameSIte', 'sameSite'],
    ['http-only', 'httpOnly'],
    ['name', 'cookieName'],
    ['param', 'paramName'],
  ]) {
    refuses(
      { [String(name)]: 1 },
      new RegExp(`^${name} is not an option of captureClickId\\(\\): did you mean ${meant}\\?$`),
    );
  }
});

test('another name is one process warning', async () => {
  const warned = new Promise((resolve) => process.once('warning', resolve));
  for (let call = 0; call < 2; call++) captureClickId(landing, /** @type {any} */ ({ colour: 'red' }));
  const { code, message } = await warned;
  assert.equal(code, 'REFPORT_UNKNOWN_OPTION');
  assert.match(
    message,
    /^"colour" is not an option of captureClickId\(\), and is ignored\. .*: paramName, cookieName, /,
  );
});

test('an option that throws when it is read', () => {
  const options = {
    get maxAge() {
      throw new Error('hostile');
    },
  };
  refuses(options, /^options of captureClickId could not be read: hostile$/);
});
