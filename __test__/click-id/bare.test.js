'use strict';

// The helpers need the language and nothing else: no addon, none of Node's modules and globals.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { describe, it } = require('node:test');

const lib = path.resolve(__dirname, '../../lib');

/** The helpers in a realm of their own, whose globals are those of ECMAScript. */
function loadBare() {
  const realm = vm.createContext({});
  const load = (/** @type {string} */ name) => {
    assert.match(name, /^\.\/[\w-]+\.js$/, `${name} is not part of every runtime`);
    const module = { exports: {} };
    const wrapper = `(module, require) => {${fs.readFileSync(path.join(lib, name), 'utf8')}\n}`;
    vm.runInContext(wrapper, realm, { filename: name })(module, load);
    return module.exports;
  };
  return /** @type {typeof import('refport')} */ (load('./click-id.js'));
}

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
      const { getClickIdFromCookie, getClickIdFromRequest } = require(${JSON.stringify(path.resolve(lib, '..'))});
      const ids = [getClickIdFromCookie('refp_id=%41'), getClickIdFromRequest({ cookies: { refp_id: '"%41"' } })];
      const addons = Object.keys(require.cache).filter((file) => /native|\\.node$/.test(file.slice(${lib.length - 3})));
      console.log(JSON.stringify({ ids, addons }));`;
    const output = execFileSync(process.execPath, ['--eval', program], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(output), { ids: ['A', '%41'], addons: [] });
  });
});
