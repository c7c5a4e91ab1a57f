'use strict';

// Which engine a server gets: the addon, or fetch where there is none, unless REFPORT_ENGINE says which.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');
const { platformName } = require('../../scripts/addon.js');
const { installedCopy, warnings } = require('../support/installed-copy.js');
const { startSandbox } = require('../support/sandbox.js');

const addon = path.resolve(__dirname, '../../dist', `native.${platformName()}.node`);
const wanted = `@refport/native-${platformName()}`;

/** Two clients make a call each; cookies are read before any of it. */
const program = `
const { Refport, getClickIdFromRequest } = require('refport');
console.log(getClickIdFromRequest({ headers: { cookie: 'refp_id=abc' } }));
const result = require('refport/result');
const params = { clickId: process.env.CLICK_ID, eventName: 'Sign up', customerExternalId: 'user_1' };
(async () => {
  await new Refport().track.lead(params);
  const { error } = await new result.Refport().track.lead(params);
  console.log(Refport.engine, result.Refport.engine, error);
})();`;

/** @param {import('node:test').TestContext} t */
async function prepared(t) {
  const { sandbox } = await startSandbox(t);
  const env = { REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url };
  return { copy: installedCopy(t), sandbox, env: { ...env, CLICK_ID: sandbox.clickId } };
}

describe('without a choice', () => {
  it('the addon, where it is there', async (t) => {
    const { copy, env } = await prepared(t);
    const place = path.join(copy.project, 'node_modules', wanted);
    fs.mkdirSync(place, { recursive: true });
    fs.copyFileSync(addon, path.join(place, path.basename(addon)));
    const manifest = { name: wanted, version: '1.0.0', main: path.basename(addon) };
    fs.writeFileSync(path.join(place, 'package.json'), JSON.stringify(manifest));
    const { stdout, stderr } = await copy.run(program, { env });
    assert.equal(stdout, 'abc\nnative native null\n');
    assert.equal(stderr, '');
  });

  it('fetch, where it is missing, with one warning that says what is missing and what to do', async (t) => {
    const { copy, sandbox, env } = await prepared(t);
    const { stdout, stderr } = await copy.run(program, { env });
    assert.equal(stdout, 'abc\nfetch fetch null\n');
    assert.equal(sandbox.leads.length, 2);
    assert.equal(warnings(stderr), 1, stderr);
    assert.match(stderr, new RegExp(`the package ${wanted} is not installed`));
    assert.match(stderr, /optional dependencies.+REFPORT_ENGINE=fetch/);
  });

  it('a package for another platform is named', async (t) => {
    const { copy, env } = await prepared(t);
    fs.mkdirSync(path.join(copy.project, 'node_modules/@refport/native-plan9-mips'), { recursive: true });
    const { stderr } = await copy.run(program, { env });
    assert.match(stderr, /is not installed \(but @refport\/native-plan9-mips\)/);
  });

  it('a package for this platform without its file is told from a missing one', async (t) => {
    const { copy, env } = await prepared(t);
    fs.mkdirSync(path.join(copy.project, 'node_modules', wanted), { recursive: true });
    const { stderr } = await copy.run(program, { env });
    assert.match(stderr, new RegExp(`the package ${wanted} is installed, but its file was not found`));
  });

  it('nothing is looked for where only cookies are read', async (t) => {
    const read = `console.log(require('refport').getClickIdFromCookie('refp_id=abc'))`;
    const { stdout, stderr } = await installedCopy(t).run(read);
    assert.deepEqual([stdout, stderr], ['abc\n', '']);
  });
});

describe('REFPORT_ENGINE', () => {
  it('fetch: no addon is loaded, and nothing is warned of', async (t) => {
    const { copy, env } = await prepared(t);
    fs.copyFileSync(addon, path.join(copy.folder, path.basename(addon)));
    const loaded = `${program}\nprocess.on('exit', () => console.log(Object.keys(require.cache).some((file) => /native/.test(file))));`;
    const { stdout, stderr } = await copy.run(loaded, { env: { ...env, REFPORT_ENGINE: 'fetch' } });
    assert.equal(stdout, 'abc\nfetch fetch null\nfalse\n');
    assert.equal(stderr, '');
  });

  it('native: without the addon a client is refused', async (t) => {
    const refused = `
const { Refport, RefportError } = require('refport');
for (const use of [() => new Refport({ apiKey: 'rk_1' }), () => Refport.engine]) {
  try { use(); } catch (error) { console.log(error instanceof RefportError, error.code, error.message); }
}`;
    const { stdout, stderr } = await installedCopy(t).run(refused, { env: { REFPORT_ENGINE: 'native' } });
    const lines = stdout.trim().split('\n');
    assert.equal(lines.length, 2);
    for (const line of lines)
      assert.match(line, new RegExp(`^true NO_BINARY REFPORT_ENGINE is native, but .*${wanted}`));
    assert.equal(stderr, '');
  });

  it('anything else is refused by name', async (t) => {
    const refused = `
const { Refport } = require('refport');
try { new Refport({ apiKey: 'rk_1' }); } catch ({ name, message }) { console.log(name, message); }`;
    const { stdout } = await installedCopy(t).run(refused, { env: { REFPORT_ENGINE: 'rust' } });
    assert.equal(stdout, 'RefportValidationError REFPORT_ENGINE must be "native" or "fetch", not "rust"\n');
  });
});
