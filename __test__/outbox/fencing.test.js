'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { startOutbox } = require('../support/outbox-process.js');
const { lead, ok, openOutbox, refused, startApi, temporaryFolder } = require('../support/outbox.js');

const ENTRIES = 40;
const SKIP = process.platform === 'win32' && 'open files cannot be linked or removed there';

/**
 * One process delivers from `first`, slowly; then this one opens `second`. Afterwards each conversion was sent once.
 *
 * @param {import('node:test').TestContext} t
 * @param {{ first: string, second: string, between?: () => void }} files
 */
async function isSentOnce(t, { first, second, between = () => {} }) {
  const api = await startApi(t, async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return ok(request);
  });
  const options = { concurrency: 2 };
  const other = startOutbox(t, { url: api.url, file: first, options });
  for (let i = 0; i < ENTRIES; i += 1) other.tell('lead', lead(`user_${i}`), { id: `lead_${i}` });
  await other.says('delivered');
  between();
  const outbox = openOutbox(t, api, { file: second, ...options });
  await outbox.drained();
  await other.close();
  const sent = api.bodies().map(({ customerExternalId }) => customerExternalId);
  assert.equal(new Set(sent).size, sent.length, 'a conversion was sent twice');
  const { parked } = await outbox.stats();
  assert.ok(sent.length === ENTRIES || sent.length + parked >= ENTRIES);
}

/** A file with the names that `link` gives it. */
function linked(/** @type {import('node:test').TestContext} */ t, /** @type {typeof fs.linkSync} */ link) {
  const folder = temporaryFolder(t);
  const target = path.join(folder, 'shared', 'outbox.db');
  const names = ['r1', 'r2'].map((name) => path.join(folder, name, 'outbox.db'));
  for (const name of [target, ...names]) fs.mkdirSync(path.dirname(name));
  const linkAll = () => {
    for (const name of names) link(target, name);
  };
  return { target, names, link: linkAll };
}

describe('two processes never deliver the same file', { skip: SKIP, timeout: 60_000 }, () => {
  test('through symbolic links, be the file there or not', async (t) => {
    const { names, link } = linked(t, (target, name) => fs.symlinkSync(String(target), name));
    link();
    await isSentOnce(t, { first: names[0], second: names[1] });
    for (const name of names) assert.deepEqual(fs.readdirSync(path.dirname(name)), ['outbox.db']);
  });

  test('through hard links', async (t) => {
    const { target, names, link } = linked(t, fs.linkSync);
    const outbox = openOutbox(t, await startApi(t), { file: target });
    await outbox.stats();
    await outbox.close();
    link();
    await isSentOnce(t, { first: names[0], second: names[1] });
  });

  test('through a mount of the file alone, which is refused', async (t) => {
    const { target, names } = linked(t, fs.linkSync);
    const api = await startApi(t);
    const outbox = openOutbox(t, api, { file: target });
    await outbox.stats();
    fs.writeFileSync(names[0], '');
    if (spawnSync('mount', ['--bind', target, names[0]]).status !== 0) return t.skip('needs the right to mount');
    try {
      const mounted = openOutbox(t, api, { file: names[0] });
      await assert.rejects(mounted.track.lead(lead()), { code: 'OUTBOX_FAILED', message: /mount the folder/ });
      assert.deepEqual(fs.readdirSync(path.dirname(names[0])), ['outbox.db']);
    } finally {
      spawnSync('umount', ['--lazy', names[0]]);
    }
    await outbox.track.lead(lead());
    await outbox.drained();
  });

  test('when the lock file is removed', async (t) => {
    const file = path.join(temporaryFolder(t), 'outbox.db');
    await isSentOnce(t, { first: file, second: file, between: () => fs.rmSync(`${file}-lock`) });
  });
});

describe('two keys on one file', () => {
  test('are delivered side by side, each with its own', async (t) => {
    const api = await startApi(t);
    const first = openOutbox(t, api, { client: { apiKey: 'rp_first_key' } });
    const second = openOutbox(t, api, { file: first.file, client: { apiKey: 'rp_second_key' } });
    for (let i = 0; i < 20; i += 1) {
      await first.track.lead(lead(`first_${i}`));
      await second.track.lead(lead(`second_${i}`));
    }
    await Promise.all([first.drained(), second.drained()]);
    const sent = api.requests.map(({ body, headers }) => {
      const [name] = JSON.parse(body.toString()).customerExternalId.split('_');
      return headers.authorization === `Bearer rp_${name}_key`;
    });
    assert.deepEqual(sent, Array(40).fill(true));
  });

  test('a refused key does not keep the other from delivering', async (t) => {
    const api = await startApi(t, (request) =>
      request.headers.authorization === 'Bearer rp_revoked_key' ? refused(401) : ok(request),
    );
    const revoked = openOutbox(t, api, { client: { apiKey: 'rp_revoked_key' } });
    await revoked.track.lead(lead('revoked'));
    const good = openOutbox(t, api, { file: revoked.file });
    for (let i = 0; i < 20; i += 1) await good.track.lead(lead(`good_${i}`));
    await good.drained();
    assert.equal((await good.stats()).foreign, 1);
  });
});
