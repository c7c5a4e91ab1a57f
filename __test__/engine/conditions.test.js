'use strict';

// Which build each place gets (package.json, "exports"). Bundlers and runtimes set several conditions at a time, and the
// first one in package.json wins. What is in dist/edge is tested in package/edge.test.js.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { installedCopy } = require('../support/installed-copy.js');

const program = `
const { Refport, getClickIdFromRequest } = require('refport');
const results = require('refport/result');
let made;
try {
  new Refport({ apiKey: 'rk_1' });
  new results.Refport({ apiKey: 'rk_1' });
  made = 'a client';
} catch (error) {
  made = error.name + ': ' + error.message;
}
console.log(JSON.stringify({
  made,
  engine: Refport.engine,
  cookie: getClickIdFromRequest({ headers: { cookie: 'refp_id=abc' } }),
  entry: require.resolve('refport').split('refport/').at(-1),
}));`;

/** @param {import('node:test').TestContext} t @param {string[]} conditions @param {Record<string, string>} [env] */
async function seen(t, conditions, env = {}) {
  const execArgv = conditions.map((name) => `--conditions=${name}`);
  const { stdout, stderr } = await installedCopy(t).run(program, { execArgv, env });
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

describe('the engine fetch, and nothing of Node', () => {
  for (const conditions of [
    ['workerd', 'worker', 'browser'],
    ['browser', 'worker'],
    ['edge-light', 'browser'],
    ['edge-light'],
  ]) {
    it(conditions.join(' '), async (t) => {
      const entry = 'dist/edge/index.mjs';
      assert.deepEqual(await seen(t, conditions), {
        made: 'a client',
        engine: 'fetch',
        cookie: 'abc',
        entry,
      });
    });
  }

  it('REFPORT_ENGINE has nothing to choose there', async (t) => {
    assert.equal((await seen(t, ['workerd'], { REFPORT_ENGINE: 'native' })).engine, 'fetch');
  });
});

describe('a browser', () => {
  it('gets no client, and is told why; cookies are read', async (t) => {
    const { made, ...rest } = await seen(t, ['browser']);
    assert.match(made, /^RefportValidationError: new Refport\(\) is refused in a browser: .+ API key .+ server/);
    assert.ok(made.endsWith("testEnvironmentOptions: { customExportConditions: ['node', 'node-addons'] }"), made);
    assert.deepEqual(rest, { engine: 'fetch', cookie: 'abc', entry: 'dist/browser/index.cjs' });
  });
});
