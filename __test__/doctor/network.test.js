'use strict';

// `npx refport doctor`: names, ports and certificates.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { examine, startSandbox } = require('../support/doctor.js');
const { createAuthority, expired } = require('../support/tls-certificates.js');

/** @param {import('node:test').TestContext} t @param {string} pem */
function file(t, pem) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-doctor-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.writeFileSync(path.join(folder, 'ca.pem'), pem);
  return path.join(folder, 'ca.pem');
}

/**
 * A server that counts what it is asked.
 *
 * @param {import('node:test').TestContext} t
 * @param {net.Server} server
 */
async function listen(t, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return /** @type {net.AddressInfo} */ (server.address()).port;
}

test('a name that is unknown', async () => {
  const { wrong, names } = await examine({ REFPORT_API_KEY: 'rk_key', REFPORT_BASE_URL: 'http://refport.invalid' });
  assert.deepEqual(wrong, ['DNS']);
  assert.equal(names.at(-1), 'DNS', 'what cannot work is not tried');
});

test('a port that is closed', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  const { wrong, finding } = await examine({
    REFPORT_API_KEY: 'rk_key',
    REFPORT_BASE_URL: `http://127.0.0.1:${port}`,
  });
  assert.deepEqual([wrong, finding('TCP').detail], [['TCP'], `port ${port}: ECONNREFUSED`]);
});

test('a certificate that is not trusted, and is: its issuer and expiry, and no key for a stranger', async (t) => {
  const { sandbox, env } = await startSandbox(t, { https: true });
  const { wrong, finding } = await examine(env);
  assert.deepEqual(wrong, ['TLS']);
  assert.match(finding('TLS').detail, /issued by .+, expires .+ GMT$/);
  assert.match(String(finding('TLS').remedy), /NODE_EXTRA_CA_CERTS/);
  assert.equal(sandbox.requests.length, 0);
  const trusted = await examine({ ...env, NODE_EXTRA_CA_CERTS: file(t, sandbox.ca ?? '') });
  assert.deepEqual([trusted.finding('TLS').ok, trusted.finding('key accepted').ok], [true, true]);
});

test('a certificate that has expired, or is for another name', async (t) => {
  const authority = await createAuthority();
  const NODE_EXTRA_CA_CERTS = file(t, authority.ca);
  for (const [certificate, detail, remedy] of /** @type {const} */ ([
    [await authority.issue(expired), /^CERT_HAS_EXPIRED; .+ expires /, /has to be renewed/],
    [await authority.issue({ ip: [], dns: ['a.test'] }), /^ERR_TLS_CERT_ALTNAME_INVALID; /, /for another name/],
  ])) {
    let requests = 0;
    const port = await listen(
      t,
      https.createServer(certificate, () => (requests += 1)),
    );
    const env = { REFPORT_API_KEY: 'rk_key', REFPORT_BASE_URL: `https://127.0.0.1:${port}`, NODE_EXTRA_CA_CERTS };
    const { wrong, finding } = await examine(env);
    assert.deepEqual([wrong, requests], [['TLS'], 0]);
    assert.match(finding('TLS').detail, detail);
    assert.match(String(finding('TLS').remedy), remedy);
  }
});

test('a server that does not speak TLS', async (t) => {
  const { env } = await startSandbox(t);
  const url = env.REFPORT_BASE_URL.replace('http:', 'https:');
  assert.deepEqual((await examine({ ...env, REFPORT_BASE_URL: url })).wrong, ['TLS']);
});

test('a server that hangs up', async (t) => {
  const port = await listen(
    t,
    net.createServer((socket) => socket.destroy()),
  );
  for (const [scheme, step] of [
    ['https', 'TLS'],
    ['http', 'API'],
  ]) {
    const env = { REFPORT_API_KEY: 'rk_key', REFPORT_BASE_URL: `${scheme}://127.0.0.1:${port}` };
    assert.deepEqual((await examine(env)).wrong, [step]);
  }
});
