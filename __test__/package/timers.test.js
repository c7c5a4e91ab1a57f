'use strict';

// What fake timers replace is looked up when a bundle is loaded, and never later: a test that replaces it meanwhile would
// make a call hang. lifecycle/fake-timers.test.js makes such calls.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const dist = path.resolve(__dirname, '../../dist');
const FAKED = /(?<![.\w$])(setTimeout|clearTimeout|setInterval|clearInterval|setImmediate|queueMicrotask)\(/g;
const FAKED_MEMBERS = /\b(performance\.now|process\.(nextTick|hrtime(\.bigint)?))\(/g;

/** Commands and the sandbox run in processes of their own, and browsers get no client. */
const isOfTheClient = (/** @type {string} */ code) => !/^\/\/ (lib\/cli|sandbox)\//m.test(code);

/** @param {string} code @returns {string[]} */
function lookedUpLate(code) {
  const names = [...code.matchAll(FAKED)].map(([, name = '']) => name);
  const isCaptured = (/** @type {string} */ name) => new RegExp(`^const ${name} = `, 'm').test(code);
  return [...names.filter((name) => !isCaptured(name)), ...(code.match(FAKED_MEMBERS) ?? [])];
}

for (const folder of ['', 'edge']) {
  test(`dist/${folder}`, () => {
    const files = fs.readdirSync(path.join(dist, folder)).filter((file) => /^(?!native).+\.[cm]js$/.test(file));
    const found = files.flatMap((file) => {
      const code = fs.readFileSync(path.join(dist, folder, file), 'utf8');
      return isOfTheClient(code) ? lookedUpLate(code).map((name) => `${file}: ${name}`) : [];
    });
    assert.ok(files.length > 3);
    assert.deepEqual(found, []);
  });
}
