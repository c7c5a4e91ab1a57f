'use strict';

// What Workers and Edge runtimes get: the modules of lib/ as ES modules, all that the entries need and nothing of Node.
// scripts/matrix/edge.js runs and weighs them.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { asModule, writeEdgeModules } = require('../../scripts/edge-modules.js');

const root = path.resolve(__dirname, '../..');
const edge = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-edge-'));
const entries = ['index', 'result', 'webhooks'];

before(() => writeEdgeModules(edge));

after(() => fs.rmSync(edge, { recursive: true }));

for (const entry of entries) {
  test(`${entry}: exports what the CommonJS module exports`, async () => {
    const module = await import(path.join(edge, `${entry}.mjs`));
    assert.deepEqual(Object.keys(module).sort(), Object.keys(require(path.join(root, `${entry}.js`))).sort());
  });
}

test('the entries share one set of errors', async () => {
  const [main, result, webhooks] = await Promise.all(entries.map((name) => import(path.join(edge, `${name}.mjs`))));
  assert.equal(result.RefportError, main.RefportError);
  assert.throws(() => webhooks.attribution({}), main.RefportValidationError);
  assert.throws(() => new result.Refport({ apiKey: '' }), main.RefportAuthError);
  assert.equal(main.Refport.engine, 'fetch');
});

test('modules are imported from below edge, and nothing of Node is', () => {
  const files = fs.readdirSync(edge, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mjs'));
  assert.ok(files.length > 30);
  for (const file of files) {
    const code = fs.readFileSync(path.join(edge, file), 'utf8');
    assert.doesNotMatch(code, /\brequire\b|\bprocess\.(?!env)|\bBuffer\b|['"]node:/, file);
    for (const [, name = ''] of code.matchAll(/from '(.+)';/g)) {
      assert.ok(files.includes(path.join(path.dirname(file), name)), `${file} imports ${name}`);
    }
  }
});

test('every condition of such a place leads to them', () => {
  /** @type {{ exports: Record<string, any> }} */
  const { exports } = require('../../package.json');
  for (const entry of entries) {
    const conditions = exports[entry === 'index' ? '.' : `./${entry}`];
    // The first that is known to whoever resolves counts.
    assert.deepEqual(Object.keys(conditions), ['workerd', 'worker', 'edge-light', 'import', 'require']);
    for (const name of ['workerd', 'worker', 'edge-light']) {
      assert.deepEqual(conditions[name], { types: `./${entry}.d.mts`, default: `./edge/${entry}.mjs` });
    }
  }
});

test('a module is written as it is, with imports in front', () => {
  const source = `'use strict';

const { a, b } = require('./a.js');
const all = require('#all');

/** What it is for. @param {string} x */
function later(x) {
  const { c } = require('./c.js');
  return (only ??= require('./d.js').only) + /** @type {any} */ (a)(b, c, all, x);
}

module.exports = { ...require('./e.js'), later };
`;
  assert.equal(
    asModule(source, (name) => `to ${name}`),
    `import { a, b } from 'to ./a.js';
import { c } from 'to ./c.js';
import * as all from 'to #all';
export * from 'to ./e.js';
import * as module4 from 'to ./d.js';

function later(x) {
  return (only ??= module4.only) + (a)(b, c, all, x);
}
export { later };
`,
  );
});

test('a form that it does not know is refused', () => {
  for (const source of [
    'module.exports = make();',
    'exports.a = 1;\nmodule.exports.b = 2;',
    'const a = require(name);',
  ]) {
    assert.throws(() => asModule(source, (name) => name), /no form that this knows: .*(require|module\.exports)/);
  }
});
