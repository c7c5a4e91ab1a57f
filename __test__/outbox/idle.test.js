'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { startOutbox } = require('../support/outbox-process.js');
const { lead, ok, once, openOutbox, refused, startApi, temporaryFolder } = require('../support/outbox.js');

/** Milliseconds in which nothing must happen. */
const WINDOW = 2000;

/**
 * How often the threads of the addon were woken: each time they have gone to sleep again.
 *
 * @param {number} pid
 */
function wakeUps(pid) {
  const tasks = `/proc/${pid}/task`;
  return fs
    .readdirSync(tasks)
    .map((task) => fs.readFileSync(path.join(tasks, task, 'status'), 'utf8'))
    .filter((status) => /^Name:\s+refport-/.test(status))
    .reduce((sum, status) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]), 0);
}

/** Ends the connection, which would be news of its own when the server ends it later. */
const CLOSE = { Connection: 'close' };
const okOnce = (/** @type {{ path: string }} */ request) => ({ ...ok(request), headers: CLOSE });

/**
 * The processes do nothing, apart from at most one look for what has become too old.
 *
 * @param {string} file
 * @param {number[]} pids
 */
async function assertIdle(file, pids) {
  // What was written is tidied away first, about a second after the last entry.
  const start = performance.now();
  let before = pids.map(wakeUps);
  for (let isQuiet = false; !isQuiet; ) {
    assert.ok(performance.now() - start < 20_000, 'it does not come to rest');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = pids.map(wakeUps);
    isQuiet = fs.statSync(`${file}-wal`).size === 0 && String(now) === String(before);
    before = now;
  }
  await new Promise((resolve) => setTimeout(resolve, WINDOW));
  const woken = pids.map((pid, i) => wakeUps(pid) - Number(before[i]));
  for (const count of woken) assert.ok(count <= 1, `woken ${woken} times`);
}

describe('an outbox with nothing to do', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
  test('sleeps when all is delivered', async (t) => {
    const outbox = openOutbox(t, await startApi(t, okOnce));
    await outbox.track.lead(lead());
    await outbox.drained();
    await assertIdle(outbox.file, [process.pid]);
    await outbox.track.lead(lead());
    await outbox.drained();
  });

  test('sleeps while the API asks for time', async (t) => {
    const outbox = openOutbox(t, await startApi(t, () => refused(429, 'LIMIT', { 'Retry-After': '600', ...CLOSE })));
    const paused = once(outbox, 'paused');
    await outbox.track.lead(lead());
    await paused;
    await assertIdle(outbox.file, [process.pid]);
  });

  test('sleeps beside another process, and each still notices what the other does', async (t) => {
    const api = await startApi(t, okOnce);
    const file = path.join(temporaryFolder(t), 'outbox.db');
    const records = [['lead', lead('user_1'), { id: 'of the other' }]];
    const other = startOutbox(t, { url: api.url, file, records });
    await other.says('delivered of the other');

    const outbox = openOutbox(t, api, { file });
    await outbox.stats();
    await assertIdle(file, [process.pid, other.pid]);
    await outbox.track.lead(lead('user_2'), { id: 'of this' });
    await other.says('delivered of this');

    const delivered = once(outbox, 'delivered');
    await other.kill();
    await outbox.track.lead(lead('user_3'), { id: 'afterwards' });
    assert.equal((await delivered)[0].id, 'afterwards');
    await assertIdle(file, [process.pid]);
  });
});
