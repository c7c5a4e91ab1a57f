'use strict';

// A connection error says where, then what happened, in the system's words; what libraries say of each other is in `cause`.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const { it } = require('node:test');
const { isFetch, nativeOnly } = require('../support/engine.js');
const faults = require('../support/fault-behaviours.js');
const { closedPort, startFaultServer } = require('../support/fault-server.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { createAuthority } = require('../support/tls-certificates.js');

/** @param {string} url @param {object} [options] */
const token = (url, options) =>
  rejectionOf(clientFor({ url }, { maxRetries: 0, ...options }).embedTokens.create({ tenantId: 't' }));

it('a refused connection', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const error = await token(url);
  assert.equal(error.message, `Could not reach ${url}: connection refused (ECONNREFUSED)`);
  assert.match(error.cause.message, isFetch ? /ECONNREFUSED/ : /tcp connect error/);
});

it('a refused connection to a proxy, without its credentials', { skip: nativeOnly('proxy') }, async () => {
  const port = await closedPort();
  const error = await token('https://app.refport.test', { proxy: `http://user:geheim@127.0.0.1:${port}` });
  assert.equal(
    error.message,
    `Could not reach https://app.refport.test through the proxy http://127.0.0.1:${port}: connection refused (ECONNREFUSED)`,
  );
});

it('a host that does not exist', async () => {
  const error = await token('https://nowhere.invalid');
  assert.match(error.message, /^Could not reach https:\/\/nowhere\.invalid: [^:]+ \(ENOTFOUND\)$/);
});

it('https to a port of plain HTTP', { skip: nativeOnly('handshake') }, async (t) => {
  const server = http.createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `https://127.0.0.1:${port}`;
  const error = await token(url);
  assert.equal(
    error.message,
    `Could not reach ${url}: no TLS is spoken there; if the port is one of plain HTTP, the URL has to begin with ` +
      'http:// (ERR_SSL_WRONG_VERSION_NUMBER)',
  );
});

it('a certificate that is not trusted', HANG, async (t) => {
  const server = await startFaultServer([], { tls: await (await createAuthority('Somebody else')).usual() });
  t.after(() => server.close());
  const error = await token(server.url);
  assert.equal(
    error.message,
    `Could not reach ${server.url}: its certificate is of an authority that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
  );
});

it('a connection that breaks', HANG, async (t) => {
  const server = await startFaultServer([faults.reset(), faults.stall()]);
  t.after(() => server.close());
  const broken = await token(server.url);
  assert.equal(
    broken.message,
    `The connection to ${server.url} broke before an answer came: connection reset (ECONNRESET)`,
  );
  const late = await token(server.url, { timeout: 200 });
  assert.equal(late.message, `The request to ${server.url} timed out after 200 ms: the server did not answer`);
});
