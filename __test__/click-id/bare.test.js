'use strict';

// The helpers need the language and nothing else: no addon, none of Node's modules and globals.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { describe, it } = require('node:test');
const { loadInBareRealm } = require('../support/source.js');

const root = path.resolve(__dirname, '../..');

const loadBare = () => /** @type {typeof import('refport')} */ (loadInBareRealm('lib/click/request.ts'));

describe('the click ID helpers', () => {
  it('work in a runtime that has nothing of Node', async () => {
    const { getClickIdFromCookie, getClickIdFromRequest } = loadBare();
    assert.equal(getClickIdFromCookie('a=b; refp_id="%41bc"'), 'Abc');
    // All of these come from another realm than the helpers.
    assert.equal(getClickIdFromRequest(new Request('http://x/', { headers: { cookie: 'refp_id=a' } })), 'a');
    assert.equal(getClickIdFromRequest({ headers: new Map([['COOKIE', 'refp_id=a']]) }), 'a');
    assert.equal(getClickIdFromRequest({ cookies: new Map([['refp_id', { value: 'a' }]]) }), 'a');
    assert.equal(getClickIdFromRequest({ headers: { Cookie: ['a=b', 'refp_id=a'] } }), 'a');
    assert.equal(getClickIdFromRequest({ cookies: { get: () => Promise.reject(new Error('later')) } }), null);
    await new Promise(setImmediate); // a rejection that nobody handles would have come up
  });

  it('take what only says that it is a Map or a promise for what it is', () => {
    const { getClickIdFromRequest } = loadBare();
    const liar = { COOKIE: 'refp_id=a', [Symbol.toStringTag]: 'Map' };
    assert.equal(getClickIdFromRequest({ headers: liar }), 'a');
    const get = () => ({ value: 'a', [Symbol.toStringTag]: 'Promise' });
    assert.equal(getClickIdFromRequest({ cookies: { get } }), 'a');
  });

  it('load no addon', () => {
    const program = `
      const { getClickIdFromCookie, getClickIdFromRequest } = require('refport');
      const ids = [getClickIdFromCookie('refp_id=%41'), getClickIdFromRequest({ cookies: { refp_id: '"%41"' } })];
      const addons = Object.keys(require.cache).filter((file) => /[\\/]native[^\\/]*$/.test(file));
      console.log(JSON.stringify({ ids, addons }));`;
    const output = execFileSync(process.execPath, ['--eval', program], { encoding: 'utf8', cwd: root });
    assert.deepEqual(JSON.parse(output), { ids: ['A', '%41'], addons: [] });
  });
});
