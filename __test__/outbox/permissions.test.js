'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { startOutbox } = require('../support/outbox-process.js');
const { lead, startApi, temporaryFolder } = require('../support/outbox.js');

/** The superuser may write anywhere: processes run as somebody else, who owns the folder. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
const SKIP = process.platform === 'win32' && 'rights are others there';

/** @param {import('node:test').TestContext} t */
function ownFolder(t) {
  const folder = path.join(temporaryFolder(t), 'own');
  fs.mkdirSync(folder);
  if (isRoot) for (const one of [folder, path.dirname(folder)]) fs.chownSync(one, NOBODY, NOBODY);
  return folder;
}

/**
 * @param {ReturnType<typeof startOutbox>} outbox
 * @param {string} customer
 * @param {string} id
 */
async function delivers(outbox, customer, id) {
  outbox.tell('lead', lead(customer), { id });
  await outbox.says(`delivered ${id}`);
}

describe('without the right to write', { skip: SKIP, timeout: 30_000 }, () => {
  test('to the folder, records are refused, nothing is created, and it works once the right is there', async (t) => {
    const api = await startApi(t);
    const folder = ownFolder(t);
    fs.chmodSync(folder, 0o555);
    const outbox = startOutbox(t, { url: api.url, file: path.join(folder, 'outbox.db') }, user);
    outbox.tell('lead', lead('user_1'), { id: 'refused' });
    assert.equal(await outbox.says('lead failed'), 'lead failed OUTBOX_FAILED EACCES');
    await outbox.says('paused OUTBOX_FAILED');
    assert.deepEqual(fs.readdirSync(folder), []);
    fs.chmodSync(folder, 0o700);
    await delivers(outbox, 'user_2', 'recorded');
    await outbox.close();
    assert.equal(api.requests.length, 1);
  });

  test('to the folder any more, it goes on in the files that are there', async (t) => {
    const api = await startApi(t);
    const folder = ownFolder(t);
    const file = path.join(folder, 'outbox.db');
    const first = startOutbox(t, { url: api.url, file }, user);
    await delivers(first, 'user_1', 'first');
    fs.chmodSync(folder, 0o555);
    await delivers(first, 'user_2', 'second');
    await first.close();
    const next = startOutbox(t, { url: api.url, file }, user);
    await delivers(next, 'user_3', 'third');
    await next.close();
    assert.equal(api.requests.length, 3);
    fs.chmodSync(folder, 0o700);
  });

  test('to the file any more, records are refused, and it works once the right is there', async (t) => {
    const api = await startApi(t);
    const folder = ownFolder(t);
    const file = path.join(folder, 'outbox.db');
    const first = startOutbox(t, { url: api.url, file }, user);
    await delivers(first, 'user_1', 'first');
    await first.close();
    const before = fs.readFileSync(file);
    fs.chmodSync(file, 0o400);
    const next = startOutbox(t, { url: api.url, file }, user);
    next.tell('lead', lead('user_2'), { id: 'second' });
    assert.equal(await next.says('lead failed'), 'lead failed OUTBOX_FAILED EACCES');
    assert.ok(fs.readFileSync(file).equals(before), 'the file was changed');
    fs.chmodSync(file, 0o600);
    await delivers(next, 'user_3', 'third');
    await next.close();
  });
});
