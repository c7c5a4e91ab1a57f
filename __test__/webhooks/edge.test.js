'use strict';

// `refport/webhooks` runs where there is no Node: the bundle for browsers and Workers needs nothing but the language.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const vm = require('node:vm');
const { purchase } = require('../support/payments/revenuecat.js');

const dist = path.resolve(__dirname, '../../dist/browser');

/** Loads the entry with a `require` that knows files only, in a realm that has the language's globals alone. */
function load() {
  const realm = vm.createContext();
  /** @type {Map<string, { exports: any }>} */
  const modules = new Map();
  const loadFile = (/** @type {string} */ file) => {
    const known = modules.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(file, module);
    const wrapper = vm.compileFunction(fs.readFileSync(file, 'utf8'), ['require', 'module', 'exports'], {
      parsingContext: realm,
      filename: file,
    });
    const require = (/** @type {string} */ specifier) => {
      assert.match(specifier, /^\.\.?\//, `${file} needs ${specifier}`);
      return loadFile(path.resolve(path.dirname(file), specifier));
    };
    wrapper(require, module, module.exports);
    return module.exports;
  };
  return { exports: loadFile(path.join(dist, 'webhooks.cjs')), files: [...modules.keys()] };
}

test('the entry needs neither Node nor the client', () => {
  const { exports, files } = load();
  const metadata = exports.attribution({ clickId: 'click_1', customerExternalId: 'user_1' });
  assert.deepEqual({ ...metadata }, { refp_id: 'click_1', refp_customer_id: 'user_1' });
  const who = exports.attributionFromReference(exports.attributionReference({ clickId: 'ä', customerExternalId: '_' }));
  assert.deepEqual({ ...who }, { clickId: 'ä', customerExternalId: '_' });
  assert.equal(exports.saleFromRevenueCat(purchase()).amount, 399);
  assert.equal(exports.saleFromRevenueCat('body'), null);
  assert.ok(!files.some((file) => fs.readFileSync(file, 'utf8').includes('class Refport {')));
});
