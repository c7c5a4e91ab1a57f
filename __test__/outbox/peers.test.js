'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { startOutbox } = require('../support/outbox-process.js');
const { lead, once, openOutbox, startApi, temporaryFolder } = require('../support/outbox.js');

/**
 * One process delivers, this one records, the first is killed, and this one delivers.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} file
 */
async function takesTurns(t, file) {
  const api = await startApi(t);
  const records = [['lead', lead('user_1'), { id: 'first' }]];
  const other = startOutbox(t, { url: api.url, file, records });
  await other.says('delivered first');
  const outbox = openOutbox(t, api, { file });
  await outbox.track.lead(lead('user_2'), { id: 'second' });
  await other.says('delivered second');
  const delivered = once(outbox, 'delivered');
  await other.kill();
  await outbox.track.lead(lead('user_3'), { id: 'third' });
  assert.equal((await delivered)[0].id, 'third');
}

describe('processes that share a file', () => {
  test('notice each other', async (t) => {
    const file = path.join(temporaryFolder(t), 'outbox.db');
    await takesTurns(t, file);
  });

  test('notice each other where the path is too long for a socket', async (t) => {
    const file = path.join(temporaryFolder(t), 'a'.repeat(60), 'b'.repeat(60), 'outbox.db');
    await takesTurns(t, file);
    assert.ok(!fs.existsSync(`${file}-sock`));
  });

  test('notice each other where something else has the name of the socket, and leave that alone', async (t) => {
    const file = path.join(temporaryFolder(t), 'outbox.db');
    fs.writeFileSync(`${file}-sock`, 'mine');
    await takesTurns(t, file);
    assert.equal(fs.readFileSync(`${file}-sock`, 'utf8'), 'mine');
  });

  test('leave no socket behind when they close', async (t) => {
    const outbox = openOutbox(t, await startApi(t));
    await outbox.track.lead(lead());
    assert.equal(fs.existsSync(`${outbox.file}-sock`), process.platform !== 'win32');
    await outbox.close();
    assert.ok(!fs.existsSync(`${outbox.file}-sock`));
  });
});
