'use strict';

// Certificates are trusted as Node in the same process would trust them, and `ca` adds to that.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const { nativeOnly } = require('../support/engine.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { knowsFlag, runNode } = require('../support/run-node.js');
const { createAuthority, trustedAuthority } = require('../support/tls-certificates.js');

/**
 * @typedef {object} Settings
 * @property {Record<string, string>} [env]
 * @property {object} [options] for the client
 * @property {string[]} [execArgv]
 * @property {number} [calls]
 */

/** @type {Awaited<ReturnType<typeof startFaultServer>>} */
let server;
/** @type {string} */
let folder;
/** PEM of the authority that the server's certificate is from. @type {string} */
let ca;
/** PEM of another authority. @type {string} */
let other;
/** Path of a file with `ca`. @type {string} */
let file;
/** Path of a file without a certificate. @type {string} */
let empty;
/** Path of nothing. @type {string} */
let nowhere;

before(async () => {
  const authority = await trustedAuthority();
  ({ ca } = authority);
  other = (await createAuthority('Other')).ca;
  server = await startFaultServer([], { tls: await authority.usual() });
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-trust-'));
  file = path.join(folder, 'ca.pem');
  empty = path.join(folder, 'empty.pem');
  nowhere = path.join(folder, 'nowhere.pem');
  fs.writeFileSync(file, ca);
  fs.writeFileSync(empty, 'nothing here\n');
});
after(async () => {
  await server.close();
  fs.rmSync(folder, { recursive: true });
});

/** @param {Settings} [settings] */
const call = async ({ env = {}, options = {}, execArgv = [], calls = 1 } = {}) => {
  const { code, stdout, stderr } = await runNode('one-call.js', { url: server.url, options, calls }, { env, execArgv });
  assert.equal(code, 0, stderr);
  return {
    results: stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    stderr,
  };
};

/**
 * @param {Settings} settings
 * @returns {Promise<any>} what it wrote to standard error
 */
const trusted = async (settings) => {
  const { results, stderr } = await call(settings);
  for (const { error } of results) assert.equal(error, undefined, JSON.stringify(error));
  return stderr;
};

/** @param {Settings} [settings] */
const untrusted = async (settings) => {
  const { results } = await call(settings);
  for (const { error } of results) {
    assert.equal(error?.name, 'RefportConnectionError', JSON.stringify(results));
    assert.match(error.cause, /^UNABLE_TO_/);
    assert.equal(error.attempts, 1);
  }
};

describe('trust', { concurrency: 2 }, () => {
  it('an authority nobody named is not trusted', HANG, () => untrusted());
  it('ca: one PEM text', HANG, () => trusted({ options: { ca } }));
  it('ca: several PEM texts', { ...HANG, skip: nativeOnly('ca') }, () => trusted({ options: { ca: [other, ca] } }));
  it('ca: several certificates in one text', HANG, () => trusted({ options: { ca: `# two\n${other}\n${ca}` } }));
  it('ca: another authority', HANG, () => untrusted({ options: { ca: other } }));

  it('NODE_EXTRA_CA_CERTS', HANG, () => trusted({ env: { NODE_EXTRA_CA_CERTS: file } }));
  it('NODE_EXTRA_CA_CERTS beside ca', { ...HANG, skip: nativeOnly('ca') }, () =>
    trusted({ env: { NODE_EXTRA_CA_CERTS: file }, options: { ca: other } }),
  );
  it('NODE_EXTRA_CA_CERTS that points nowhere', HANG, () => untrusted({ env: { NODE_EXTRA_CA_CERTS: nowhere } }));
  it('NODE_EXTRA_CA_CERTS without a certificate', HANG, () => untrusted({ env: { NODE_EXTRA_CA_CERTS: empty } }));

  it('SSL_CERT_FILE with --use-openssl-ca', HANG, () =>
    trusted({ env: { SSL_CERT_FILE: file }, execArgv: ['--use-openssl-ca'] }),
  );
  it('SSL_CERT_FILE with --use-openssl-ca in NODE_OPTIONS', HANG, () =>
    trusted({ env: { SSL_CERT_FILE: file, NODE_OPTIONS: '--use-openssl-ca' } }),
  );
  it('SSL_CERT_FILE on its own', HANG, () => untrusted({ env: { SSL_CERT_FILE: file } }));
  it('--use-openssl-ca without our authority', HANG, () => untrusted({ execArgv: ['--use-openssl-ca'] }));
  it('ca beside --use-openssl-ca', HANG, () => trusted({ execArgv: ['--use-openssl-ca'], options: { ca } }));

  it("NODE_USE_SYSTEM_CA=1, the system's store being that of OpenSSL", { ...HANG, skip: nativeOnly('trust') }, () =>
    trusted({ env: { NODE_USE_SYSTEM_CA: '1', SSL_CERT_FILE: file } }),
  );
  it('NODE_USE_SYSTEM_CA=0', HANG, () => untrusted({ env: { NODE_USE_SYSTEM_CA: '0', SSL_CERT_FILE: file } }));
  it('--use-system-ca', { ...HANG, skip: !knowsFlag('--use-system-ca') }, () =>
    trusted({ env: { SSL_CERT_FILE: file }, execArgv: ['--use-system-ca'] }),
  );

  for (const execArgv of [[], ['--use-openssl-ca']]) {
    const how = execArgv.join() || 'by default';
    it(`a machine without CA files is no obstacle to ca, ${how}`, HANG, () =>
      trusted({ env: { SSL_CERT_FILE: nowhere, SSL_CERT_DIR: nowhere }, execArgv, options: { ca } }),
    );
    it(`a machine without CA files trusts nobody more, ${how}`, HANG, () =>
      untrusted({ env: { SSL_CERT_FILE: nowhere, SSL_CERT_DIR: nowhere }, execArgv }),
    );
  }

  it('NODE_TLS_REJECT_UNAUTHORIZED=0 trusts anybody, and is warned about once', HANG, async () => {
    const stderr = await trusted({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, calls: 5 });
    assert.equal(stderr.match(/NODE_TLS_REJECT_UNAUTHORIZED/g)?.length, 1, stderr);
    assert.match(stderr, /Warning/);
  });
  it('NODE_TLS_REJECT_UNAUTHORIZED=1 does not', HANG, () => untrusted({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '1' } }));
  it('without it nothing is warned about', HANG, async () => {
    assert.equal(await trusted({ options: { ca } }), '');
  });
});
