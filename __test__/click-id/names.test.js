'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');

const { getClickIdFromCookie, getClickIdFromRequest } = require('refport');

describe('the name of the cookie', () => {
  it('can be chosen', () => {
    assert.equal(getClickIdFromCookie('refp_id=a; partner=b', 'partner'), 'b');
    assert.equal(getClickIdFromRequest({ headers: { cookie: 'refp_id=a; partner=b' } }, 'partner'), 'b');
    assert.equal(getClickIdFromRequest({ cookies: { refp_id: 'a', partner: 'b' } }, 'partner'), 'b');
  });

  it('is refp_id where it is undefined', () => {
    assert.equal(getClickIdFromCookie('refp_id=a', undefined), 'a');
    assert.equal(getClickIdFromRequest({ cookies: { refp_id: 'a' } }, undefined), 'a');
  });

  it('is compared exactly', () => {
    assert.equal(getClickIdFromCookie('REFP_ID=a; refp-id=b; xrefp_id=c; refp_idx=d'), null);
  });

  it('is no pattern', () => {
    assert.equal(getClickIdFromCookie('refpXid=a; refp.id=b', 'refp.id'), 'b');
    assert.equal(getClickIdFromCookie('aaa=1', 'a*'), null);
    assert.equal(getClickIdFromCookie('a*=1; $1=2; (=3', '('), '3');
  });

  for (const name of ['', ' ', ' refp_id', 'refp_id ', 'refp_id=', 'refp_id=a', 'x; refp_id', ';', '=']) {
    it(`finds nothing that no header can hold: ${JSON.stringify(name)}`, () => {
      assert.equal(getClickIdFromCookie('x; refp_id=a; =b; x=c', name), null);
      assert.equal(getClickIdFromRequest({ headers: { cookie: 'x; refp_id=a; =b; x=c' } }, name), null);
    });
  }

  it('finds nothing where it is empty', () => {
    assert.equal(getClickIdFromRequest({ cookies: { '': 'a' } }, ''), null);
    assert.equal(getClickIdFromRequest({ get: () => 'a' }, ''), null);
  });

  for (const name of [null, 0, true, {}, ['refp_id'], Symbol('refp_id'), 1n]) {
    it(`finds nothing where it is no string: ${typeof name}`, () => {
      assert.equal(getClickIdFromCookie('refp_id=a; null=b; 0=c', /** @type {any} */ (name)), null);
      assert.equal(
        getClickIdFromRequest({ cookies: { refp_id: 'a', null: 'b', 0: 'c' } }, /** @type {any} */ (name)),
        null,
      );
    });
  }

  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'get', 'length', '0']) {
    it(`means own properties only: ${name}`, () => {
      for (const cookies of [{}, Object.create({ [name]: 'inherited' }), new Map(), ['a=b'], () => {}]) {
        assert.equal(getClickIdFromRequest({ cookies }, name), null);
      }
      assert.equal(getClickIdFromRequest({ cookies: JSON.parse(`{"${name}":"own"}`) }, name), 'own');
      assert.equal(getClickIdFromRequest({ headers: { cookie: `${name}=own` } }, name), 'own');
    });
  }

  it('means own properties only of headers, too', () => {
    assert.equal(getClickIdFromRequest({ headers: Object.create({ cookie: 'refp_id=inherited' }) }), null);
  });
});
