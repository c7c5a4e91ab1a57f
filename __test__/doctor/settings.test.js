'use strict';

// `npx refport doctor`: what is wrong before anything is sent.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { examine, startSandbox } = require('../support/doctor.js');

test('a key that is missing, empty or malformed', async (t) => {
  const { env } = await startSandbox(t);
  const missing = await examine({ REFPORT_BASE_URL: env.REFPORT_BASE_URL });
  assert.deepEqual(missing.wrong, ['key']);
  assert.match(String(missing.finding('key').remedy), /\.env file is not read/);
  for (const value of ['', ' \n', `${env.REFPORT_API_KEY}\n`, 'rk_“quoted”']) {
    assert.deepEqual((await examine({ ...env, REFPORT_API_KEY: value })).wrong, ['key'], JSON.stringify(value));
  }
});

test('a base URL that is none', async (t) => {
  const { env } = await startSandbox(t);
  for (const url of ['app.refport.co', 'ftp://a.test', 'https://user:secret@a.test', 'https://a.test?x=1']) {
    const { wrong, finding } = await examine({ ...env, REFPORT_BASE_URL: url });
    assert.deepEqual(wrong, ['base URL'], url);
    assert.match(String(finding('base URL').remedy), /^baseUrl .+; or unset REFPORT_BASE_URL for https:/);
  }
});

test('the key is not printed where a setting repeats it', async (t) => {
  const { env } = await startSandbox(t);
  const { finding } = await examine({ ...env, REFPORT_BASE_URL: `${env.REFPORT_BASE_URL}/${env.REFPORT_API_KEY}` });
  assert.match(finding('base URL').detail, /\/<key>, from REFPORT_BASE_URL$/);
});

test('a binary that does not load', async (t) => {
  const { env } = await startSandbox(t);
  const missing = path.join(os.tmpdir(), 'nothing.node');
  const { wrong, finding } = await examine({ ...env, NAPI_RS_NATIVE_LIBRARY_PATH: missing });
  assert.deepEqual(wrong, ['engine']);
  assert.match(String(finding('engine').remedy), /^refport has no native binary for /);
  assert.equal(finding('key accepted').ok, true, 'the rest is looked at all the same');
});

test('a binary that does not load where the environment insists on it', async (t) => {
  const { env } = await startSandbox(t);
  const missing = path.join(os.tmpdir(), 'nothing.node');
  const found = await examine({ ...env, REFPORT_ENGINE: 'native', NAPI_RS_NATIVE_LIBRARY_PATH: missing });
  assert.deepEqual(found.wrong, ['engine']);
  assert.match(String(found.finding('engine').remedy), /^REFPORT_ENGINE is native, but /);
});

test('a process that may not load its binary is told the flag, not to install again', async (t) => {
  const { env } = await startSandbox(t);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-doctor-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  for (const [words, flag] of [
    // What Deno says, and what Node.js says under --permission.
    ['Requires ffi access to "native.node", run again with the --allow-ffi flag', '--allow-ffi'],
    ['Cannot load native addon because loading addons is disabled.', '--allow-addons'],
  ]) {
    const preload = path.join(folder, 'deny.cjs');
    fs.writeFileSync(preload, `process.dlopen = () => { throw new Error(${JSON.stringify(words)}); };`);
    const { wrong, finding } = await examine({ ...env, NODE_OPTIONS: `--require ${preload}` });
    assert.deepEqual(wrong, ['engine']);
    const remedy = String(finding('engine').remedy);
    assert.ok(remedy.includes(`Run again with ${flag}.`), remedy);
    assert.doesNotMatch(remedy, /install again|npm run build/);
  }
});

test('the engine that is named is the one that is used', async (t) => {
  const { env } = await startSandbox(t);
  for (const engine of ['native', 'fetch']) {
    const { wrong, finding } = await examine({ ...env, REFPORT_ENGINE: engine });
    assert.deepEqual(wrong, []);
    assert.match(finding('engine').detail, new RegExp(`, ${engine}, `));
  }
});
