'use strict';

// `npx refport doctor` goes through the proxy that the client would go through.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { examine, startSandbox } = require('../support/doctor.js');
const { startProxy } = require('../support/forward-proxy.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/**
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof startProxy>[0]} [options]
 */
async function start(t, options) {
  const proxy = await startProxy(options);
  t.after(() => proxy.close());
  return proxy;
}

/** @param {import('node:test').TestContext} t @param {string} pem */
function file(t, pem) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-doctor-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.writeFileSync(path.join(folder, 'ca.pem'), pem);
  return path.join(folder, 'ca.pem');
}

test('through a tunnel to https, the proxy reached either way', async (t) => {
  const { sandbox, env } = await startSandbox(t, { https: true });
  const { ca } = await trustedAuthority();
  const NODE_EXTRA_CA_CERTS = file(t, `${sandbox.ca}\n${ca}`);
  for (const tls of [false, true]) {
    const proxy = await start(t, { tls });
    const settings = { ...env, NODE_EXTRA_CA_CERTS, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy.url };
    const { finding } = await examine(settings);
    assert.equal(finding('proxy').detail, `${proxy.url}, from HTTPS_PROXY`);
    assert.match(finding('tunnel').detail, /^to 127\.0\.0\.1:\d+: status 200$/);
    assert.equal(finding('key accepted').ok, true);
    assert.deepEqual([proxy.seen.length, proxy.seen[0]?.method], [1, 'CONNECT']);
  }
});

test('forwarded to http', async (t) => {
  const { env } = await startSandbox(t);
  const proxy = await start(t);
  const { finding } = await examine({ ...env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url });
  assert.equal(finding('key accepted').ok, true);
  assert.equal(proxy.seen[0]?.target, `${env.REFPORT_BASE_URL}/api/embed/token`);
});

test('credentials: sent, never printed, and asked for where they are missing', async (t) => {
  const plain = await startSandbox(t);
  const secure = await startSandbox(t, { https: true });
  const proxy = await start(t, { credentials: 'ann:p@ss' });
  const heeded = { NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: file(t, secure.sandbox.ca ?? '') };
  for (const { env, step, variable } of [
    { env: plain.env, step: 'API', variable: 'HTTP_PROXY' },
    { env: secure.env, step: 'tunnel', variable: 'HTTPS_PROXY' },
  ]) {
    const missing = await examine({ ...env, ...heeded, [variable]: proxy.url });
    assert.deepEqual(missing.wrong, [step]);
    assert.match(String(missing.finding(step).remedy), /^The proxy wants credentials/);
    const given = await examine({ ...env, ...heeded, [variable]: proxy.urlWith('ann', 'p@ss') });
    assert.deepEqual(given.wrong, []);
    assert.equal(given.finding('proxy').detail, `${proxy.url}, from ${variable}`);
  }
});

test('a proxy that is down, that is no proxy, that is no URL', async (t) => {
  const { env } = await startSandbox(t, { https: true });
  const other = await startSandbox(t);
  const proxy = await start(t);
  await proxy.close();
  const heeded = { ...env, NODE_USE_ENV_PROXY: '1' };
  assert.deepEqual((await examine({ ...heeded, HTTPS_PROXY: proxy.url })).wrong, ['TCP']);
  assert.deepEqual((await examine({ ...heeded, HTTPS_PROXY: other.sandbox.url })).wrong, ['tunnel']);
  assert.deepEqual((await examine({ ...heeded, HTTPS_PROXY: 'socks5://127.0.0.1:1' })).wrong, ['proxy']);
});

test('variables that do not count: not asked for, or excepted', async (t) => {
  const { env } = await startSandbox(t);
  const HTTP_PROXY = 'http://127.0.0.1:1';
  const ignored = await examine({ ...env, HTTP_PROXY });
  assert.match(ignored.finding('proxy').detail, /NODE_USE_ENV_PROXY=1/);
  assert.deepEqual(ignored.wrong, []);
  const excepted = await examine({ ...env, NODE_USE_ENV_PROXY: '1', HTTP_PROXY, NO_PROXY: '127.0.0.1' });
  assert.deepEqual([excepted.finding('proxy').detail, excepted.wrong], ['none for this URL', []]);
});

test('a proxy is heeded over fetch where Node.js does that', async (t) => {
  const { env } = await startSandbox(t);
  const heeded = { ...env, REFPORT_ENGINE: 'fetch', NODE_USE_ENV_PROXY: '1' };
  const canHeed = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
  assert.deepEqual((await examine({ ...heeded, HTTP_PROXY: 'http://127.0.0.1:1' })).wrong, canHeed ? ['TCP'] : []);
  assert.deepEqual((await examine({ ...heeded, HTTP_PROXY: 'nowhere' })).wrong, canHeed ? ['proxy'] : []);
});
