'use strict';

// A file of certificates that does not let itself be read (a pipe nobody writes to, a network drive that is gone) holds up
// the calls that need it until their time is up, and nobody else.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { it } = require('node:test');
const { startFaultServer } = require('../support/fault-server.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

const isWindows = process.platform === 'win32';

it('NODE_EXTRA_CA_CERTS that blocks on reading', { timeout: 20_000, skip: isWindows && 'no pipes' }, async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-pipe-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const pipe = path.join(folder, 'ca.pem');
  execFileSync('mkfifo', [pipe]);
  const authority = await trustedAuthority();
  const secure = await startFaultServer([], { tls: await authority.usual() });
  const plain = await startFaultServer();
  t.after(() => Promise.all([secure.close(), plain.close()]));

  process.env.NODE_EXTRA_CA_CERTS = pipe;
  t.after(() => delete process.env.NODE_EXTRA_CA_CERTS);
  const blocked = clientFor(secure, { maxRetries: 0, timeout: 300 });
  const free = clientFor(plain);
  /**
   * @param {import('refport').Refport} client
   * @param {import('refport').RequestOptions} [options]
   */
  const token = (client, options) => client.embedTokens.create({ tenantId: 't' }, options);

  const late = [rejectionOf(token(blocked)), rejectionOf(token(blocked))];
  assert.ok((await token(free)).publicToken);
  for (const error of await Promise.all(late)) {
    assertError(error, { name: 'RefportTimeoutError', code: 'TIMEOUT', status: 0 });
    assert.equal(error.retryable, true);
  }
  // Whoever needs the file has it once it can be read.
  const call = token(blocked, { timeout: 15_000 });
  await fs.promises.writeFile(pipe, authority.ca);
  assert.ok((await call).publicToken);
});
