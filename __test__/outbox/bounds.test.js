'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { describe, test } = require('node:test');
const { all, lead, ok, once, openOutbox, refused, sale, startApi } = require('../support/outbox.js');
const { assertError, rejectionOf } = require('../support/refport-client.js');

describe('bounds', () => {
  test('beyond maxEntries recording is refused, and a known id is still known', async (t) => {
    const api = await startApi(t, () => refused(401));
    const outbox = openOutbox(t, api, { maxEntries: 3 });
    for (let i = 0; i < 3; i += 1) await outbox.track.lead(lead(`user_${i}`), { id: `lead_${i}` });
    const error = await rejectionOf(outbox.track.lead(lead('user_4')));
    assertError(error, { name: 'RefportError', code: 'OUTBOX_FULL', status: 0, message: /maxEntries/ });
    assert.equal((await outbox.track.lead(lead(), { id: 'lead_1' })).duplicate, true);
    api.answer = ok;
    await outbox.drained();
    await outbox.track.lead(lead('user_4'));
  });

  test('entries that the API rejects leave room for those that it accepts', async (t) => {
    const api = await startApi(t, () => refused(400));
    const outbox = openOutbox(t, api, { maxEntries: 5 });
    for (let i = 0; i < 8; i += 1) {
      await outbox.track.lead(lead(`junk_${i}`), { id: `junk_${i}` });
      await outbox.drained();
    }
    const parked = await all(outbox.parked());
    assert.deepEqual(
      parked.map(({ id }) => id),
      ['junk_3', 'junk_4', 'junk_5', 'junk_6', 'junk_7'],
    );
    api.answer = ok;
    await outbox.track.lead(lead('real'));
    await outbox.drained();
  });

  test('after maxAge an entry is parked as expired, and can be sent again', async (t) => {
    let isAway = true;
    const api = await startApi(t, (request) =>
      isAway ? refused(401, 'UNAUTHORIZED', { 'retry-after-ms': '20' }) : ok(request),
    );
    const outbox = openOutbox(t, api, { maxAge: 1000 });
    const parked = once(outbox, 'parked');
    const { id } = await outbox.track.lead(lead());
    const [entry] = await parked;
    assert.deepEqual([entry.id, entry.reason, entry.error?.status], [id, 'expired', 401]);
    isAway = false;
    assert.equal(await outbox.resend(id), true);
    await outbox.drained();
    assert.deepEqual(await all(outbox.parked()), []);
    assert.equal(api.bodies().length >= 2, true);
  });

  test('the file shrinks again', async (t) => {
    let isAway = true;
    const api = await startApi(t, (request) => (isAway ? refused(401) : ok(request)));
    const outbox = openOutbox(t, api, { concurrency: 64 });
    const filler = 'x'.repeat(5000);
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        outbox.track.sale(sale(`user_${i}`, { invoiceId: `in_${i}`, metadata: { filler } })),
      ),
    );
    const size = () =>
      ['', '-wal'].reduce((sum, ending) => {
        const file = outbox.file + ending;
        return sum + (fs.existsSync(file) ? fs.statSync(file).size : 0);
      }, 0);
    assert.ok(size() > 5_000_000, `${size()} bytes`);
    isAway = false;
    await outbox.drained();
    await outbox.close();
    assert.ok(size() < 500_000, `${size()} bytes`);
  });

  test('with 100 000 entries it starts within a second of CPU time', async (t) => {
    const api = await startApi(t, () => refused(401));
    const first = openOutbox(t, api);
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(Array.from({ length: 10_000 }, (_, i) => first.track.lead(lead(`user_${batch}_${i}`))));
    }
    await first.close();
    const before = process.memoryUsage().rss;
    // Other programs can make it wait, but not work.
    const start = process.cpuUsage();
    const second = openOutbox(t, api, { file: first.file });
    const { pending, sending } = await second.stats();
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    assert.equal(pending + sending, 100_000);
    t.diagnostic(`started within ${took.toFixed(0)} ms of CPU time`);
    t.diagnostic(`memory grew by ${((process.memoryUsage().rss - before) / 1e6).toFixed(1)} MB`);
    assert.ok(took < 1000, `${took} ms`);
    assert.ok(process.memoryUsage().rss - before < 64e6);
    await second.close({ timeout: 0 });
  });
});
