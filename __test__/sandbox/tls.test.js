'use strict';

const assert = require('node:assert/strict');
const { X509Certificate } = require('node:crypto');
const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const { test } = require('node:test');
const tls = require('node:tls');
const { startSandbox, LEAD } = require('../support/sandbox.js');

/** @typedef {import('refport/testing').Sandbox} Sandbox */

const HEADERS = { authorization: 'Bearer sandbox_key', 'content-type': 'application/json' };

/**
 * @param {Sandbox} sandbox
 * @param {https.RequestOptions} [options]
 */
async function postHttps(sandbox, options) {
  const req = https.request(`${sandbox.url}/api/track/lead`, {
    method: 'POST',
    headers: HEADERS,
    ca: sandbox.ca,
    agent: false,
    ...options,
  });
  req.end(JSON.stringify(LEAD));
  const [res] = await once(req, 'response');
  let text = '';
  for await (const chunk of res) text += chunk;
  return { status: res.statusCode, body: JSON.parse(text) };
}

/**
 * @param {import('node:test').TestContext} t
 * @param {Sandbox} sandbox
 */
async function connectHttp2(t, sandbox) {
  const session = http2.connect(sandbox.url, { ca: sandbox.ca });
  session.on('error', () => {});
  t.after(() => session.destroy());
  await once(session, 'connect');
  return session;
}

/** @param {http2.ClientHttp2Session} session */
async function postHttp2(session) {
  const stream = session.request({ ':method': 'POST', ':path': '/api/track/lead', ...HEADERS });
  stream.end(JSON.stringify(LEAD));
  /** @type {http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader} */
  let headers = {};
  stream.on('response', (received) => {
    headers = received;
  });
  let text = '';
  for await (const chunk of stream) text += chunk;
  if (headers[':status'] === undefined) throw new Error('no response');
  return { status: headers[':status'], headers, body: JSON.parse(text) };
}

test('without https there is no ca', async (t) => {
  const { sandbox } = await startSandbox(t);
  assert.equal(sandbox.ca, undefined);
  assert.match(sandbox.url, /^http:/);
});

test('https works for those who trust the throw-away authority, and for nobody else', async (t) => {
  const { sandbox } = await startSandbox(t, { https: true });
  assert.match(sandbox.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await postHttps(sandbox)).status, 200);
  await assert.rejects(postHttps(sandbox, { ca: undefined }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  const other = await startSandbox(t, { https: true });
  assert.notEqual(other.sandbox.ca, sandbox.ca);
  await assert.rejects(postHttps(sandbox, { ca: other.sandbox.ca }));
  assert.equal(sandbox.leads.length, 1);
});

test('the certificate names this machine and no other', async (t) => {
  const { sandbox } = await startSandbox(t, { https: true, allowedHosts: ['api.test'] });
  for (const servername of ['localhost', 'api.test']) {
    assert.equal((await postHttps(sandbox, { servername, headers: { ...HEADERS, host: servername } })).status, 200);
  }
  await assert.rejects(postHttps(sandbox, { servername: 'refport.co' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('the certificates are as X.509 wants them', async (t) => {
  const { sandbox } = await startSandbox(t, { https: true });
  const socket = tls.connect(Number(new URL(sandbox.url).port), '127.0.0.1', { ca: sandbox.ca });
  await once(socket, 'secureConnect');
  const server = new X509Certificate(socket.getPeerCertificate(true).raw);
  socket.destroy();
  const authority = new X509Certificate(/** @type {string} */ (sandbox.ca));
  assert.equal(authority.ca, true);
  assert.equal(server.ca, false);
  assert.ok(server.checkIssued(authority));
  assert.ok(server.verify(authority.publicKey));
  assert.ok(authority.verify(authority.publicKey));
  assert.equal(server.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  const days = (Date.parse(server.validTo) - Date.parse(server.validFrom)) / 86_400_000;
  assert.ok(Date.parse(server.validFrom) < Date.now() && days > 1 && days < 398);
  assert.match(server.serialNumber, /^01[0-9A-F]{30}$/);
});

test('http2 is offered next to http/1.1', async (t) => {
  const { sandbox } = await startSandbox(t, { http2: true });
  const session = await connectHttp2(t, sandbox);
  assert.equal(session.alpnProtocol, 'h2');
  const answers = await Promise.all([postHttp2(session), postHttp2(session), postHttp2(session)]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.equal((await postHttps(sandbox)).status, 200);
  assert.deepEqual(
    sandbox.requests.map(({ httpVersion }) => httpVersion),
    ['2.0', '2.0', '2.0', '1.1'],
  );
  const { headers, method, path } = sandbox.requests[0];
  assert.deepEqual([method, path, headers.host], ['POST', '/api/track/lead', new URL(sandbox.url).host]);
  assert.equal(
    Object.keys(headers).some((name) => name.startsWith(':')),
    false,
  );
});

test('https alone offers no http2', async (t) => {
  const { sandbox } = await startSandbox(t, { https: true });
  const socket = tls.connect(Number(new URL(sandbox.url).port), '127.0.0.1', {
    ca: sandbox.ca,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  await once(socket, 'secureConnect');
  assert.equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('faults work over http2', async (t) => {
  const { sandbox } = await startSandbox(t, { http2: true });
  sandbox.fail({ status: 429, retryAfter: 1, headers: { connection: 'close' } });
  const limited = await postHttp2(await connectHttp2(t, sandbox));
  assert.deepEqual([limited.status, limited.headers['retry-after']], [429, '1']);
  for (const when of /** @type {const} */ (['before', 'after', 'during'])) {
    const session = await connectHttp2(t, sandbox);
    const closed = new Promise((resolve) => session.on('close', resolve));
    sandbox.drop({ when });
    await assert.rejects(postHttp2(session), when);
    await closed;
  }
  assert.equal(sandbox.leads.length, 2);
});

test('a connection is reset under TLS too', async (t) => {
  const { sandbox } = await startSandbox(t, { https: true });
  sandbox.drop();
  await assert.rejects(postHttps(sandbox), { code: 'ECONNRESET' });
});

test('a reset of the sandbox ends streams, not the connection', async (t) => {
  const { sandbox } = await startSandbox(t, { http2: true });
  const session = await connectHttp2(t, sandbox);
  sandbox.delay({ ms: 60_000 });
  const cut = assert.rejects(postHttp2(session));
  await sandbox.waitForRequest();
  sandbox.reset();
  await cut;
  assert.equal((await postHttp2(session)).status, 200);
});

test('closing ends http2 connections', async (t) => {
  const { sandbox } = await startSandbox(t, { http2: true });
  const session = await connectHttp2(t, sandbox);
  await Promise.all([once(session, 'close'), sandbox.close()]);
});
