'use strict';

// Proxy variables count when Node was told to heed them, and then as Node heeds them; otherwise they do not exist.

const assert = require('node:assert/strict');
const { describe, it, before, after } = require('node:test');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { startProxy } = require('../support/forward-proxy.js');
const { knowsFlag, runNode } = require('../support/run-node.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/** @type {Awaited<ReturnType<typeof startFaultServer>>} */
let plain;
/** @type {Awaited<ReturnType<typeof startFaultServer>>} */
let secure;
/** @type {string} */
let ca;

before(async () => {
  const authority = await trustedAuthority();
  ca = authority.ca;
  plain = await startFaultServer();
  secure = await startFaultServer([], { tls: await authority.usual() });
});
after(() => Promise.all([plain.close(), secure.close()]));

/** @typedef {(url: string) => Record<string, string>} Variables what the environment holds, given the proxy's URL */

/**
 * Each case: whether the origin is reached over TLS, the environment, and whether the call goes through the proxy.
 *
 * @typedef {[name: string, tls: boolean, env: Variables, used: boolean]} Case
 * @type {Case[]}
 */
const cases = [
  ['HTTPS_PROXY with NODE_USE_ENV_PROXY=1', true, (url) => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url }), true],
  ['https_proxy with NODE_USE_ENV_PROXY=1', true, (url) => ({ NODE_USE_ENV_PROXY: '1', https_proxy: url }), true],
  [
    'https_proxy before HTTPS_PROXY',
    true,
    (url) => ({ NODE_USE_ENV_PROXY: '1', https_proxy: url, HTTPS_PROXY: 'http://127.0.0.1:1' }),
    true,
  ],
  ['HTTP_PROXY with NODE_USE_ENV_PROXY=1', false, (url) => ({ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url }), true],
  ['http_proxy with NODE_USE_ENV_PROXY=1', false, (url) => ({ NODE_USE_ENV_PROXY: '1', http_proxy: url }), true],
  ['HTTP_PROXY for an https origin', true, (url) => ({ NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url }), false],
  ['HTTPS_PROXY for an http origin', false, (url) => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url }), false],
  ['HTTPS_PROXY without NODE_USE_ENV_PROXY', true, (url) => ({ HTTPS_PROXY: url, https_proxy: url }), false],
  ['HTTP_PROXY without NODE_USE_ENV_PROXY', false, (url) => ({ HTTP_PROXY: url, http_proxy: url }), false],
  ['ALL_PROXY without NODE_USE_ENV_PROXY', false, (url) => ({ ALL_PROXY: url, all_proxy: url }), false],
  ['NODE_USE_ENV_PROXY=0', true, (url) => ({ NODE_USE_ENV_PROXY: '0', HTTPS_PROXY: url }), false],
  ['an empty HTTPS_PROXY', true, () => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: '' }), false],
  ...['127.0.0.1', '*', 'a.test, 127.0.0.1', 'a.test 127.0.0.1', '127.0.0.1:PORT'].map(
    (noProxy) =>
      /** @type {Case} */ ([
        `NO_PROXY=${noProxy}`,
        true,
        (url) => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url, NO_PROXY: noProxy }),
        false,
      ]),
  ),
  ...['elsewhere.test', '127.0.0.1:1', '.0.0.1x'].map(
    (noProxy) =>
      /** @type {Case} */ ([
        `NO_PROXY=${noProxy}, which is not meant`,
        true,
        (url) => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url, NO_PROXY: noProxy }),
        true,
      ]),
  ),
  ['no_proxy', true, (url) => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url, no_proxy: '127.0.0.1' }), false],
];

/**
 * @param {import('node:test').TestContext} t
 * @param {boolean} tls
 * @param {Variables} env
 * @param {object | ((url: string) => object)} [options] for the client, or what makes them of the proxy's URL
 * @param {string[]} [execArgv]
 */
const run = async (t, tls, env, options = {}, execArgv = []) => {
  const proxy = await startProxy();
  t.after(() => proxy.close());
  const server = tls ? secure : plain;
  const variables = Object.fromEntries(
    Object.entries(env(proxy.url)).map(([name, value]) => [name, value.replace('PORT', String(server.port))]),
  );
  const resolvedOptions = typeof options === 'function' ? options(proxy.url) : options;
  const { code, stdout, stderr } = await runNode(
    'one-call.js',
    { url: server.url, options: { ...(tls ? { ca } : {}), ...resolvedOptions } },
    { env: variables, execArgv },
  );
  assert.equal(code, 0, stderr);
  const { value, error } = JSON.parse(stdout);
  assert.equal(error, undefined, JSON.stringify(error));
  assert.equal(value.eventName, 'Sign up');
  return proxy.seen;
};

describe('proxy variables', { concurrency: 2 }, () => {
  for (const [name, tls, env, used] of cases) {
    it(`${name}: ${used ? 'through the proxy' : 'direct'}`, HANG, async (t) => {
      const seen = await run(t, tls, env);
      assert.equal(seen.length, used ? 1 : 0);
      if (used) assert.equal(seen[0].method, tls ? 'CONNECT' : 'POST');
    });
  }

  const heeded = (/** @type {string} */ url) => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url });

  it('proxy: false wins over the environment', HANG, async (t) => {
    assert.equal((await run(t, true, heeded, { proxy: false })).length, 0);
  });

  it('proxy: URL wins over the environment, NO_PROXY included', HANG, async (t) => {
    const env = () => ({ NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' });
    assert.equal((await run(t, true, env, (url) => ({ proxy: url }))).length, 1);
  });

  it('--use-env-proxy counts like the variable', { ...HANG, skip: !knowsFlag('--use-env-proxy') }, async (t) => {
    assert.equal((await run(t, true, (url) => ({ HTTPS_PROXY: url }), {}, ['--use-env-proxy'])).length, 1);
  });

  it('credentials in the variable are sent', HANG, async (t) => {
    const proxy = await startProxy({ credentials: 'user:pass' });
    t.after(() => proxy.close());
    const { stdout } = await runNode(
      'one-call.js',
      { url: secure.url, options: { ca } },
      { env: { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy.urlWith('user', 'pass') } },
    );
    assert.equal(JSON.parse(stdout).value.eventName, 'Sign up');
  });
});
