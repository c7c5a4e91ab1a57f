'use strict';

// A worker takes some entries ahead, so that its connections need not wait for the store.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, sale, startWaitingApi } = require('../support/outbox-conformance/setting.js');
const { startRedis } = require('../support/stores/redis.js');
const { BullOutbox } = require('refport/outbox/bullmq');
const { stores } = require('../support/stores/stores.js');
const { startWorker } = require('../support/stores/workers.js');

describe('BullOutbox', () => {
  for (const [what, record, sending] of /** @type {const} */ ([
    ['sales that can be sent again: half as many as may be on the wire', sale, 6],
    ['no leads: after a crash, a person would have to decide about them', lead, 4],
  ])) {
    test(`takes ahead ${what}`, async (t) => {
      const { api, arrived, release } = await startWaitingApi(t, 4);
      const server = await startRedis();
      t.after(() => server.stop());
      const options = { connection: { url: server.url } };
      const producer = new BullOutbox(clientFor(api), { ...options, role: 'producer' });
      t.after(() => producer.close({ timeout: 0 }));
      for (let n = 0; n < 10; n += 1)
        await producer.track[record === sale ? 'sale' : 'lead'](
          /** @type {any} */ (record)(`user_${n}`, record === sale ? { invoiceId: `in_${n}` } : {}),
        );
      const worker = new BullOutbox(clientFor(api), { ...options, role: 'worker', concurrency: 4 });
      t.after(() => worker.close({ timeout: 0 }));
      await arrived;
      assert.equal((await producer.stats()).sending, sending);
      release();
      await producer.drained();
      assert.equal(api.requests.length, 10);
    });
  }
});

for (const store of stores) {
  describe(store.name, () => {
    test('does not send what it took ahead before it stood still', { timeout: 120_000 }, async (t) => {
      const { api, arrived, release } = await startWaitingApi(t);
      const server = await store.start();
      t.after(() => server.stop());
      const options = { ...store.optionsFor(server.url, 'ahead'), concurrency: 1 };
      const outbox = store.open(clientFor(api), { ...options, role: 'producer' });
      t.after(() => outbox.close({ timeout: 0 }));
      for (const user of ['user_1', 'user_2']) await outbox.track.sale(sale(user, { invoiceId: user }));
      const stalled = await startWorker({ store: store.name, options, url: api.url });
      t.after(() => stalled.kill());
      await arrived;
      assert.equal((await outbox.stats()).sending, 2);
      stalled.signal('SIGSTOP');
      release();
      const other = await startWorker({ store: store.name, options, url: api.url });
      t.after(() => other.kill());
      await outbox.drained();
      stalled.signal('SIGCONT');
      // The next entry is delivered, so that both had their time.
      await outbox.track.sale(sale('user_3', { invoiceId: 'user_3' }));
      await outbox.drained();
      assert.equal(await stalled.end(), 0);
      assert.equal(api.bodies().filter(({ invoiceId }) => invoiceId === 'user_2').length, 1);
    });
  });
}
