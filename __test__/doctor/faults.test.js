'use strict';

// `npx refport doctor` against a sandbox, with each thing that can be wrong.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { createSandbox } = require('../../testing.js');

const program = path.resolve(__dirname, '../../bin/refport.js');
const CLEARED = /^(https?_proxy|no_proxy|all_proxy|node_.*|refport_.*)$/i;
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !CLEARED.test(name)));

/** @param {Record<string, string>} env @param {string[]} args */
async function doctor(env, args = ['--json']) {
  const child = spawn(process.execPath, [program, 'doctor', ...args], { env: { ...clean, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  if (env.REFPORT_API_KEY) assert.ok(!(stdout + stderr).includes(env.REFPORT_API_KEY), 'the key was printed');
  return { code, stdout, stderr };
}

/** @param {Record<string, string>} env */
async function examine(env) {
  const { code, stdout } = await doctor(env);
  const { ok, findings } = JSON.parse(stdout);
  assert.equal(code, ok ? 0 : 1);
  /** @type {(name: string) => { ok: boolean | null, detail: string, remedy?: string }} */
  const finding = (name) => findings.find((/** @type {{ name: string }} */ found) => found.name === name);
  const wrong = findings.filter((/** @type {{ ok: boolean | null }} */ found) => found.ok === false);
  for (const { remedy, name } of wrong) assert.ok(remedy, name);
  return { code, finding, wrong: wrong.map((/** @type {{ name: string }} */ { name }) => name) };
}

/** @param {import('node:test').TestContext} t @param {import('../../testing.js').SandboxOptions} [options] */
async function start(t, options) {
  const sandbox = await createSandbox({ apiKeys: ['rk_good_key'], ...options });
  t.after(() => sandbox.close());
  return { sandbox, env: { REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url } };
}

test('nothing is wrong', async (t) => {
  const { sandbox, env } = await start(t);
  const { code, finding } = await examine(env);
  assert.equal(code, 0);
  assert.match(finding('binary').detail, /^refport \d+\.\d+\.\d+, native, \w+-\w+/);
  assert.ok(finding('node').detail.startsWith(process.version));
  assert.deepEqual(finding('key accepted'), { name: 'key accepted', ok: true, detail: 'yes' });
  assert.equal(sandbox.tokens.length, 0, 'nothing was created');
});

test('for people: a line for each finding, and what to do', async (t) => {
  const { env } = await start(t);
  const { code, stdout } = await doctor({ ...env, REFPORT_API_KEY: 'rk_bad_key' }, []);
  assert.equal(code, 1);
  assert.match(stdout, /^✓ node +v/m);
  assert.match(stdout, /^✗ key accepted +no: the API answered 401\n {2}Use a key of this workspace/m);
});

test('a key that is refused, missing or malformed', async (t) => {
  const { env } = await start(t);
  assert.deepEqual((await examine({ ...env, REFPORT_API_KEY: 'rk_bad_key' })).wrong, ['key accepted']);
  assert.deepEqual((await examine({ REFPORT_BASE_URL: env.REFPORT_BASE_URL })).wrong, ['key']);
  assert.deepEqual((await examine({ ...env, REFPORT_API_KEY: 'rk_good_key\n' })).wrong, ['key']);
});

test('an API that is down, or that leads elsewhere', async (t) => {
  const { sandbox, env } = await start(t);
  sandbox.fail({ on: 'token', status: 503 });
  const { code, finding } = await examine(env);
  assert.equal(code, 0);
  assert.deepEqual([finding('key accepted').ok, finding('key accepted').detail], [null, "can't be told: status 503"]);
  sandbox.reply({ on: 'token', status: 308, headers: { location: 'https://example.com/' } });
  assert.deepEqual((await examine(env)).wrong, ['key accepted']);
});

test('a base URL that is none, a name that is unknown, a port that is closed', async (t) => {
  const { env } = await start(t);
  for (const url of ['app.refport.co', 'ftp://example.com', 'https://user:secret@example.com']) {
    assert.deepEqual((await examine({ ...env, REFPORT_BASE_URL: url })).wrong, ['base URL']);
  }
  assert.deepEqual((await examine({ ...env, REFPORT_BASE_URL: 'http://refport.invalid' })).wrong, ['DNS']);
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  assert.deepEqual((await examine({ ...env, REFPORT_BASE_URL: `http://127.0.0.1:${port}` })).wrong, ['TCP']);
});

test('a certificate that is not trusted, and is', async (t) => {
  const { sandbox, env } = await start(t, { https: true });
  const { wrong, finding } = await examine(env);
  assert.deepEqual(wrong, ['TLS']);
  assert.match(finding('TLS').detail, /issued by .+, expires .+ GMT$/);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-doctor-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'ca.pem');
  fs.writeFileSync(file, sandbox.ca ?? '');
  assert.equal((await examine({ ...env, NODE_EXTRA_CA_CERTS: file })).finding('key accepted').ok, true);
});

test('a server that does not speak TLS', async (t) => {
  const { env } = await start(t);
  const url = env.REFPORT_BASE_URL.replace('http:', 'https:');
  assert.deepEqual((await examine({ ...env, REFPORT_BASE_URL: url })).wrong, ['TLS']);
});

test('a proxy that is heeded is named without its credentials', async (t) => {
  const { env } = await start(t);
  const { finding } = await examine({ ...env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://ann:secret@127.0.0.1:9' });
  assert.equal(finding('proxy').detail, '127.0.0.1:9, from the environment');
  assert.equal(finding('network').ok, null);
});

test('a binary that does not load', async (t) => {
  const { env } = await start(t);
  const { wrong } = await examine({ ...env, NAPI_RS_NATIVE_LIBRARY_PATH: path.join(os.tmpdir(), 'nothing.node') });
  assert.deepEqual(wrong, ['binary']);
});

test('an option that there is not', async () => {
  const { code, stderr } = await doctor({}, ['--yaml']);
  assert.equal(code, 2);
  assert.match(stderr, /^There is no option "--yaml"\.\nUsage: npx refport doctor/);
});
