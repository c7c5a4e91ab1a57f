'use strict';

// The parser of cookies, by example. header.test.js holds the public function against an oracle.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const fc = require('fast-check');
const { loadSource } = require('../support/source.js');

const { clickIdInHeader: clickId, clickIdInMap } = loadSource('lib/click/cookie.ts');

describe('the click ID in a header', () => {
  it('is found wherever its cookie stands', () => {
    for (const header of [
      ...['id=x', 'a=1; id=x', 'a=1;id=x;b=2', '\t id \t=\t x \t;', ';;id=x', 'a; id=x', 'xid=1; id2=2; id=x'],
      ...['id; id=x', 'a=id; id=x', 'id id=1; id=x', 'idid=1; id=x'],
    ]) {
      assert.equal(clickId(header, 'id'), 'x', header);
    }
  });

  it('is not found in text that holds no such cookie', () => {
    for (const header of [
      ...['', ';', '=', 'id', 'id;', 'ID=x', 'xid=x', 'a=id=x', '=id=x', 'a=1, id=x', '\u00a0id=x', 'id\u00a0=x'],
      ...['id;=x', 'i d=x', 'id id=x', 'a id=x', 'id\n=x', '\nid=x'],
    ]) {
      assert.equal(clickId(header, 'id'), null, header);
    }
  });

  it('is what the first cookie of the name holds, even when that is nothing', () => {
    assert.equal(clickId('id=x; id=y', 'id'), 'x');
    for (const header of ['id=', 'id= ; id=y', 'id=""; id=y']) assert.equal(clickId(header, 'id'), null, header);
  });

  it('is found by a name that is text and no pattern', () => {
    assert.equal(clickId('a.c=1; abc=2', 'a.c'), '1');
    assert.equal(clickId('abc=2', 'a.c'), null);
    for (const name of ['', ' ', '\t', ' id', 'id ', 'id\t', 'id=', 'id=x', '; id', 'a=1; id', ';', '=']) {
      assert.equal(clickId('a=1; id=x; =y; id =z', name), null, name);
    }
  });

  it('is found by names as long as what is searched for at first, shorter and longer', () => {
    for (const name of ['a', 'abcde', 'abcdef', 'abcdefg', 'abc def ghi', 'abcdef'.repeat(50)]) {
      assert.equal(clickId(`x${name}=1; ${name}x=2; ${name.slice(0, -1)}=3; ${name}=4`, name), '4', name);
    }
  });

  for (const [sent, id] of [
    ['a%20b', 'a b'],
    ['%e2%82%ac%F0%9F%98%80', '€😀'],
    ['a=b=%3D', 'a=b=='],
    ['%2541', '%41'],
    ['a+b', 'a+b'],
    ['€%20', '€ '],
    ['%00', '\0'],
    // Refused: cut off, no digits, no UTF-8 (a lone byte, an overlong form, a surrogate, too large).
    ['%', '%'],
    ['a%20%2', 'a%20%2'],
    ['%zz%20', '%zz%20'],
    ['%+1', '%+1'],
    ['%FF', '%FF'],
    ['%C0%80', '%C0%80'],
    ['%E2%82é%AC', '%E2%82é%AC'],
    ['%ED%A0%80', '%ED%A0%80'],
    ['%F4%90%80%80', '%F4%90%80%80'],
    // One pair of quotes goes, before decoding.
    ['"a b"', 'a b'],
    ['""x""', '"x"'],
    ['"x', '"x'],
    ['"', '"'],
    ['%22x%22', '"x"'],
    // Half a character stays what it is.
    ['%20\ud83d', ' \ud83d'],
  ]) {
    it(`is decoded: ${JSON.stringify(sent)}`, () => assert.equal(clickId(`id=${sent}`, 'id'), id));
  }
});

describe('the click ID of a value in a map', () => {
  it('is the same whether the map decodes or not', () => {
    for (const value of ['"a%2541"', 'a%2541', 'a%41']) {
      assert.equal(clickIdInMap(value, 'id="a%2541"', 'id'), 'a%41', value);
    }
    assert.equal(clickIdInMap('"a%41"', 'id="a%2541"', 'id'), 'a%41');
  });

  it('is the same when quotes belong to it', () => {
    assert.equal(clickIdInMap('"a"', 'id=%22a%22', 'id'), '"a"');
    assert.equal(clickIdInMap('"a"', 'id="a"', 'id'), 'a');
  });

  it('is not decoded if it is not from the header', () => {
    for (const header of ['', 'id=other', 'id=', 'other=a%41']) {
      assert.equal(clickIdInMap('a%41', header, 'id'), 'a%41', header);
      assert.equal(clickIdInMap('"a%41"', header, 'id'), 'a%41', header);
      assert.equal(clickIdInMap('""', header, 'id'), null, header);
    }
  });

  it('is that of the header for every stage on the way from there', () => {
    const text = fc
      .array(fc.constantFrom('a', '"', '%22', '%25', '%41', '%', 'é', '%C3%A9', '\ud83d'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (sent, other) => {
        const bare = /^".*"$/s.test(sent) && sent.length > 1 ? sent.slice(1, -1) : sent;
        let id = bare;
        try {
          id = decodeURIComponent(bare);
        } catch {}
        const header = `a=1; id=${sent}; b=2`;
        for (const value of [sent, bare, id]) assert.equal(clickIdInMap(value, header, 'id'), id || null);
        if ([sent, bare, id].includes(other)) return;
        const plain = /^".*"$/s.test(other) && other.length > 1 ? other.slice(1, -1) : other;
        assert.equal(clickIdInMap(other, header, 'id'), plain || null);
      }),
      { numRuns: 5000 },
    );
  });
});
