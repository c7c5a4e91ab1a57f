'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { startOutbox } = require('../support/outbox-process.js');
const { lead, openOutbox, startApi } = require('../support/outbox.js');
const { API_KEY } = require('../support/refport-client.js');

const hasFileLocks = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const OPTIONS = { skip: !hasFileLocks && 'needs locks of open files (Linux)', timeout: 60_000 };

/** The package a second time, as npm installs two versions of it in one tree. */
function secondCopy(/** @type {string} */ folder) {
  const root = path.join(__dirname, '../..');
  for (const name of ['package.json', 'dist'])
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  return require(path.join(folder, 'dist/outbox.cjs')).Outbox;
}

/** @param {string} file */
function integrity(file) {
  try {
    return execFileSync('sqlite3', [file, 'PRAGMA integrity_check'], { encoding: 'utf8' }).trim();
  } catch (error) {
    if (/** @type {any} */ (error).code === 'ENOENT') return 'ok';
    throw error;
  }
}

/**
 * @param {{ bodies: () => any[] }} api
 * @param {Set<string>} recorded
 */
function isSentOnce(api, recorded) {
  const sent = api.bodies().map(({ customerExternalId }) => customerExternalId);
  assert.equal(new Set(sent).size, sent.length, 'a conversion was sent twice');
  assert.deepEqual(new Set(sent), recorded);
}

describe('in the process of an outbox', OPTIONS, () => {
  test('a second copy of the package uses the same file', async (t) => {
    const api = await startApi(t);
    const first = openOutbox(t, api);
    const Second = secondCopy(path.join(path.dirname(first.file), 'copy'));
    const { Refport } = require(path.join(path.dirname(first.file), 'copy/dist/index.cjs'));
    const second = new Second(new Refport({ apiKey: API_KEY, baseUrl: api.url }), { path: first.file });
    t.after(() => second.close({ timeout: 0 }));
    /** @type {Set<string>} */
    const recorded = new Set();
    await Promise.all(
      [first, second].map(async (outbox, which) => {
        for (let i = 0; i < 150; i += 1) {
          await outbox.track.lead(lead(`${which}_${i}`));
          recorded.add(`${which}_${i}`);
        }
      }),
    );
    await Promise.all([first.drained(), second.drained()]);
    isSentOnce(api, recorded);
    assert.equal(integrity(first.file), 'ok');
  });

  test('the app may read the files, while another process records', async (t) => {
    const api = await startApi(t);
    const outbox = openOutbox(t, api);
    await outbox.stats();
    const other = startOutbox(t, { url: api.url, file: outbox.file });
    /** @type {Set<string>} */
    const recorded = new Set();
    for (let i = 0; i < 150; i += 1) {
      for (const ending of ['', '-wal', '-shm']) fs.readFileSync(outbox.file + ending);
      other.tell('lead', lead(`other_${i}`), { id: `other_${i}` });
      await outbox.track.lead(lead(`own_${i}`));
      while (other.lines.filter((line) => line.startsWith('lead {')).length <= i) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      recorded.add(`own_${i}`).add(`other_${i}`);
    }
    await outbox.drained();
    isSentOnce(api, recorded);
    await other.close();
    assert.equal(integrity(outbox.file), 'ok');
  });
});
