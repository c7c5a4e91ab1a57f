'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { lead, ok, once, openOutbox, refused, sale, startApi, temporaryFolder } = require('../support/outbox.js');
const { assertError, rejectionOf } = require('../support/refport-client.js');

/**
 * Recording into this file is refused, with this cause, and the file stays as it is.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} file
 * @param {{ message: RegExp, causeCode: RegExp }} expected
 */
async function isRefused(t, file, expected) {
  const before = contentsOf(file);
  const outbox = openOutbox(t, await startApi(t), { file });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const error = await rejectionOf(outbox.track.lead(lead()));
    assertError(error, { name: 'RefportError', code: 'OUTBOX_FAILED', status: 0, ...expected });
  }
  await rejectionOf(outbox.stats());
  await outbox.close();
  if (before) assert.ok(fs.readFileSync(file).equals(before), 'the file was changed');
}

/** @param {string} file */
function contentsOf(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    // A folder, or nothing.
    return undefined;
  }
}

/** Makes a database with SQLite's own program. */
const sqlite = (/** @type {string} */ file, /** @type {string} */ script) => execFileSync('sqlite3', [file, script]);

const hasSqlite = (() => {
  try {
    execFileSync('sqlite3', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

/** A file system of a few pages, where the machine lets us have one. */
function smallDisk(/** @type {import('node:test').TestContext} */ t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-outbox-disk-'));
  let isMounted = false;
  t.after(() => {
    if (isMounted) execFileSync('umount', ['-l', folder]);
    fs.rmdirSync(folder);
  });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', folder], { stdio: 'ignore' });
    isMounted = true;
    return folder;
  } catch {
    return undefined;
  }
}

describe('a file that cannot be used', () => {
  test('is no database', async (t) => {
    const file = path.join(temporaryFolder(t), 'outbox.db');
    fs.writeFileSync(file, 'Dear diary, '.repeat(1000), { mode: 0o600 });
    await isRefused(t, file, { message: /it is no database/, causeCode: /^SQLITE_NOTADB$/ });
  });

  test('is a folder, or below a file', async (t) => {
    const folder = temporaryFolder(t);
    await isRefused(t, folder, { message: /cannot be used/, causeCode: /^(EISDIR|SQLITE_CANTOPEN)$/ });
    fs.writeFileSync(path.join(folder, 'file'), '');
    const below = path.join(folder, 'file', 'outbox.db');
    await isRefused(t, below, { message: /cannot be used/, causeCode: /^(ENOTDIR|EEXIST|ENOENT)$/ });
  });

  test("is another program's database", { skip: !hasSqlite && 'needs sqlite3' }, async (t) => {
    const file = path.join(temporaryFolder(t), 'outbox.db');
    sqlite(file, 'CREATE TABLE orders (id); INSERT INTO orders VALUES (1);');
    fs.chmodSync(file, 0o600);
    await isRefused(t, file, { message: /another program's database/, causeCode: /^REFPORT_OUTBOX_FILE$/ });
  });

  test('is of a newer version', { skip: !hasSqlite && 'needs sqlite3' }, async (t) => {
    const outbox = openOutbox(t, await startApi(t));
    await outbox.track.lead(lead());
    await outbox.drained();
    await outbox.close();
    sqlite(outbox.file, 'PRAGMA user_version = 3;');
    await isRefused(t, outbox.file, { message: /version 3.*update the package/, causeCode: /^REFPORT_OUTBOX_FILE$/ });
  });

  test('is damaged: what is refused is refused by name, and nothing is deleted', async (t) => {
    const api = await startApi(t, () => refused(401));
    const outbox = openOutbox(t, api);
    await Promise.all(Array.from({ length: 500 }, (_, i) => outbox.track.lead(lead(`user_${i}`), { id: `lead_${i}` })));
    await outbox.close();
    const bytes = fs.readFileSync(outbox.file);
    // All pages but the first: the header still says that it is an outbox.
    bytes.fill(0xa5, 4096);
    fs.writeFileSync(outbox.file, bytes);
    await isRefused(t, outbox.file, { message: /it is damaged/, causeCode: /^SQLITE_CORRUPT$/ });
  });

  test('is on a full disk: what is refused is refused by name, and all else is delivered', async (t) => {
    const folder = smallDisk(t);
    if (folder === undefined) return t.skip('needs the right to mount a tmpfs');
    let isAway = true;
    const api = await startApi(t, (request) => (isAway ? refused(401) : ok(request)));
    const outbox = openOutbox(t, api, { file: path.join(folder, 'outbox.db') });
    /** @type {string[]} */
    const recorded = [];
    let failure;
    for (let i = 0; failure === undefined && i < 1000; i += 1) {
      const params = sale(`user_${i}`, { invoiceId: `in_${i}`, metadata: { filler: 'x'.repeat(3000) } });
      await outbox.track.sale(params).then(
        ({ id }) => recorded.push(id),
        (error) => {
          failure = error;
        },
      );
    }
    assertError(failure, {
      name: 'RefportError',
      code: 'OUTBOX_FAILED',
      status: 0,
      message: /disk/,
      causeCode: /^(SQLITE_FULL|SQLITE_IOERR|ENOSPC)$/,
    });
    assert.ok(recorded.length > 0, 'nothing was recorded before the disk was full');
    isAway = false;
    execFileSync('mount', ['-o', 'remount,size=8m', folder]);
    await outbox.drained();
    const counted = new Set(api.bodies().map(({ invoiceId }) => `sale:${invoiceId}`));
    assert.deepEqual(
      recorded.filter((id) => !counted.has(id)),
      [],
    );
    await outbox.track.lead(lead());
    await outbox.drained();
  });

  test('pauses delivery, and goes on when the file is back', async (t) => {
    const folder = temporaryFolder(t);
    const file = path.join(folder, 'outbox.db');
    fs.writeFileSync(file, 'not a database, not yet'.repeat(100), { mode: 0o600 });
    const outbox = openOutbox(t, await startApi(t), { file });
    const [{ error, until }] = await Promise.race([once(outbox, 'paused'), outbox.drained().then(() => [{}])]);
    assert.equal(error.code, 'OUTBOX_FAILED');
    assert.ok(until > new Date());
    fs.rmSync(file);
    await outbox.track.lead(lead());
    await outbox.drained();
  });
});
