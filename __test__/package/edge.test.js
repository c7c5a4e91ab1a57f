'use strict';

// What Workers and Edge runtimes get: all that the entries need as ES modules, and nothing of Node. __test__/matrix/edge.js
// runs and weighs them.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const edge = path.resolve(__dirname, '../../dist/edge');
const entries = ['index', 'result', 'webhooks'];
const specifier = (/** @type {string} */ entry) => (entry === 'index' ? 'refport' : `refport/${entry}`);

for (const entry of entries) {
  test(`${entry}: exports what Node gets`, async () => {
    const module = await import(path.join(edge, `${entry}.mjs`));
    assert.deepEqual(Object.keys(module).sort(), Object.keys(require(specifier(entry))).sort());
  });
}

test('the entries share one set of errors', async () => {
  const [main, result, webhooks] = await Promise.all(entries.map((name) => import(path.join(edge, `${name}.mjs`))));
  assert.equal(result.RefportError, main.RefportError);
  assert.throws(() => webhooks.attribution({}), main.RefportValidationError);
  assert.throws(() => new result.Refport({ apiKey: '' }), main.RefportAuthError);
  assert.equal(main.Refport.engine, 'fetch');
});

test('nothing of Node is imported', () => {
  const files = fs.readdirSync(edge);
  for (const file of files) {
    const code = fs.readFileSync(path.join(edge, file), 'utf8');
    assert.doesNotMatch(code, /\brequire\(|\bprocess\.(?!env)|\bBuffer\b|from "node:|import\("node:/, file);
    for (const [, name = ''] of code.matchAll(/^import .*from "\.\/(.+)";$/gm)) assert.ok(files.includes(name), name);
  }
});

test('every condition of such a place leads to them', () => {
  /** @type {{ exports: Record<string, any> }} */
  const { exports } = require('refport/package.json');
  for (const entry of entries) {
    const conditions = exports[entry === 'index' ? '.' : `./${entry}`];
    // The first one that the resolver sets wins.
    assert.deepEqual(Object.keys(conditions), ['types', 'workerd', 'worker', 'edge-light', 'browser', 'default']);
    for (const name of ['workerd', 'worker', 'edge-light']) {
      assert.equal(conditions[name], `./dist/edge/${entry}.mjs`);
    }
  }
});
