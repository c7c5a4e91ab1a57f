'use strict';

// What the declarations promise exists at run time, and the other way round, in both module formats; and both formats
// give the same objects.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const root = path.resolve(__dirname, '../..');

/** Names of the values, not the types, that a declaration file exports. */
function declaredValues(/** @type {string} */ entry) {
  const source = fs.readFileSync(path.join(root, entry === 'index' ? 'index.d.ts' : `types/${entry}.d.ts`), 'utf8');
  const own = [...source.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  const lists = [...source.matchAll(/^export \{([^}]+)\}/gm)].flatMap(([, list = '']) => list.split(','));
  // An overloaded function is declared more than once.
  return [...new Set([...own, ...lists.map((name) => name.trim()).filter(Boolean)])].sort();
}

for (const entry of ['index', 'result', 'testing', 'webhooks', 'outbox']) {
  test(`${entry}: declared and real exports agree`, async () => {
    const specifier = entry === 'index' ? 'refport' : `refport/${entry}`;
    const required = require(specifier);
    const { default: _, 'module.exports': __, ...imported } = await import(specifier);
    assert.deepEqual(Object.keys(required).sort(), declaredValues(entry));
    assert.deepEqual(Object.keys(imported).sort(), declaredValues(entry));
    for (const name of Object.keys(required)) assert.equal(imported[name], required[name], name);
  });
}

test('the errors of refport/result are those of the main entry', () => {
  /** @type {Record<string, unknown>} */
  const main = require('refport');
  /** @type {Record<string, unknown>} */
  const result = require('refport/result');
  const shared = Object.keys(result).filter((name) => name !== 'Refport');
  assert.ok(shared.length >= 10);
  for (const name of shared) assert.equal(result[name], main[name], name);
  assert.notEqual(result.Refport, main.Refport);
});
