'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');

const { getClickIdFromRequest } = require('refport');

/** @type {Record<string, unknown>} */
const maps = {
  'a plain object': { refp_id: 'map' },
  'an object without a prototype': Object.assign(Object.create(null), { refp_id: 'map' }),
  'a Map': new Map([['refp_id', 'map']]),
  'a store of strings': { get: (/** @type {string} */ name) => (name === 'refp_id' ? 'map' : undefined) },
  'a store of objects': { get: (/** @type {string} */ name) => (name === 'refp_id' ? { value: 'map' } : undefined) },
  'a class with the value in a getter': {
    get: () =>
      new (class {
        get value() {
          return 'map';
        }
      })(),
  },
};

/** @type {Record<string, unknown>} */
const without = {
  'nothing of that name': { other: 'x' },
  'an empty value': { refp_id: '' },
  'empty quotes': { refp_id: '""' },
  'a number': { refp_id: 1 },
  'a cookie of JSON': { refp_id: { value: 'x' } },
  null: null,
  'a string': 'refp_id=x',
  'a store that has nothing': { get: () => undefined },
  'a store with an empty value': { get: () => ({ name: 'refp_id', value: '' }) },
  'a store that throws': {
    get: () => {
      throw new Error('no store outside of a request');
    },
  },
  'a store that answers later': { get: async () => 'x' },
  'an array without it': ['a=b'],
};

describe('a cookie map', () => {
  for (const [name, cookies] of Object.entries(maps)) {
    it(`wins over the header: ${name}`, () => {
      assert.equal(getClickIdFromRequest({ cookies, headers: { cookie: 'refp_id=header' } }), 'map');
      assert.equal(getClickIdFromRequest({ cookies }), 'map');
    });
  }

  for (const [name, cookies] of Object.entries(without)) {
    it(`leaves it to the header: ${name}`, () => {
      assert.equal(getClickIdFromRequest({ cookies, headers: { cookie: 'refp_id=header' } }), 'header');
      assert.equal(getClickIdFromRequest({ cookies }), null);
    });
  }

  it('holds decoded values, which are not decoded again', () => {
    assert.equal(getClickIdFromRequest({ cookies: { refp_id: 'a%41' } }), 'a%41');
    const headers = { cookie: 'refp_id=a%2541' };
    assert.equal(getClickIdFromRequest({ cookies: { refp_id: 'a%41' }, headers }), 'a%41');
  });

  it('is decoded where the header shows that it is not', () => {
    const headers = { cookie: 'refp_id=a%2541' };
    assert.equal(getClickIdFromRequest({ cookies: { refp_id: 'a%2541' }, headers }), 'a%41');
  });

  it('loses a pair of quotes', () => {
    assert.equal(getClickIdFromRequest({ cookies: { refp_id: '"map"' } }), 'map');
  });
});

describe('of several cookies of the name', () => {
  for (const [name, lines] of Object.entries({
    'in one line': 'refp_id=first; refp_id=second',
    'in several lines': ['a=b', 'refp_id=first', 'refp_id=second'],
  })) {
    it(`the first one counts: ${name}`, () => {
      assert.equal(getClickIdFromRequest({ headers: { cookie: lines } }), 'first');
    });
  }

  it('an empty first one means that there is none', () => {
    assert.equal(getClickIdFromRequest({ headers: { cookie: 'refp_id=; refp_id=second' } }), null);
  });

  it('the first line counts where a gateway passes on only the last one elsewhere', () => {
    const event = {
      headers: { Cookie: 'refp_id=second' },
      multiValueHeaders: { Cookie: ['refp_id=first', 'refp_id=second'] },
    };
    assert.equal(getClickIdFromRequest(event), 'first');
  });
});
