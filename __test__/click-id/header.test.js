'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const fc = require('fast-check');

const { getClickIdFromCookie } = require('refport');
const { cookies } = require('../support/click-id-cookies.js');

/**
 * The rules once more, in as few words as JavaScript takes.
 * @param {string} header
 * @param {string} name
 */
function oracle(header, name) {
  const trim = (/** @type {string} */ text) => text.replace(/^[ \t]+|[ \t]+$/g, '');
  const pairs = header.split(';').filter((pair) => pair.includes('='));
  const found = pairs.find((pair) => trim(pair.slice(0, pair.indexOf('='))) === name);
  if (found === undefined || name === '') return null;
  const sent = trim(found.slice(found.indexOf('=') + 1));
  const value = /^".*"$/s.test(sent) && sent.length > 1 ? sent.slice(1, -1) : sent;
  try {
    return decodeURIComponent(value) || null;
  } catch {
    return value;
  }
}

/** Pieces that headers are made of, and that parsers stumble over. */
const pieces = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('refp_id=', '; ', 'a=') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['refp_id', 'refp_i', 'r', 'a', '=', ';', ' ', '\t', '"', '%', '%20', '%C3%A9', '%C3', '%ff', ',', '\n'],
      ...['é', '€', '😀', '\ud83d', '\ude00', '\0', '\u00a0', '\ufeff'],
    ),
  },
);

describe('getClickIdFromCookie', () => {
  for (const [name, { header, id }] of Object.entries(cookies)) {
    it(`gives the click ID: ${name}`, () => assert.equal(getClickIdFromCookie(header), id));
  }

  it('gives null for what is no string', () => {
    for (const value of [null, undefined, 0, 1n, true, Symbol('refp_id=a'), {}, ['refp_id=a'], () => 'refp_id=a']) {
      assert.equal(getClickIdFromCookie(/** @type {any} */ (value)), null);
    }
    assert.equal(getClickIdFromCookie(/** @type {any} */ (Object('refp_id=a'))), null);
  });

  it('takes spaces and tabs around names and values for nothing, and other blanks for text', () => {
    assert.equal(getClickIdFromCookie('a=b;\t refp_id =\t a b \t;'), 'a b');
    assert.equal(getClickIdFromCookie('refp_id=\u00a0a\u00a0'), '\u00a0a\u00a0');
    assert.equal(getClickIdFromCookie('\u00a0refp_id=a'), null);
  });

  it('splits at semicolons only', () => {
    assert.equal(getClickIdFromCookie('a=1, refp_id=x; refp_id="b,c'), '"b,c');
  });

  it('agrees with the same rules in JavaScript', () => {
    const header = fc.array(pieces, { maxLength: 40, size: 'max' }).map((parts) => parts.join(''));
    const name = fc.constantFrom('refp_id', 'refp_i', 'r', 'a', 'é', '😀', 'refp_id ', '', '%20');
    fc.assert(
      fc.property(header, name, (text, of) => assert.equal(getClickIdFromCookie(text, of), oracle(text, of))),
      { numRuns: 5000 },
    );
  });

  it('agrees with them on headers that are longer than any buffer', () => {
    const filler = fc
      .integer({ min: 900, max: 1200 })
      .chain((length) => fc.constantFrom('a', 'é', '€').map((letter) => letter.repeat(length)));
    fc.assert(
      fc.property(filler, filler, fc.boolean(), (before, id, isTight) => {
        const header = `before=${before}${isTight ? ';' : '; '}refp_id=${id}; after=1`;
        assert.equal(getClickIdFromCookie(header), id);
        assert.equal(getClickIdFromCookie(header, 'after'), '1');
        assert.equal(getClickIdFromCookie(`${id}=1`, id), '1');
      }),
    );
  });

  it('gives back every ID that encodeURIComponent can encode', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) =>
        assert.equal(getClickIdFromCookie(`theme=dark; refp_id=${encodeURIComponent(id)}; lang=en`), id),
      ),
    );
  });

  it('keeps text that is no Unicode', () => {
    assert.equal(getClickIdFromCookie('refp_id=\ud83d%20'), '\ud83d ');
  });
});
