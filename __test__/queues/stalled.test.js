'use strict';

// A worker that stands still for so long that its entry is given to another: neither may send a lead the other has sent.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { all, lead, startWaitingApi } = require('../support/outbox-conformance/setting.js');
const { stores } = require('../support/stores/stores.js');
const { startWorker } = require('../support/stores/workers.js');

for (const store of stores) {
  describe(store.name, () => {
    test('a lead of a worker that stands still is parked and not sent by another', { timeout: 120_000 }, async (t) => {
      const { api, arrived, release } = await startWaitingApi(t);
      const server = await store.start();
      t.after(() => server.stop());
      const options = store.optionsFor(server.url, 'stalled');
      const outbox = store.open(clientFor(api), { ...options, role: 'producer' });
      t.after(() => outbox.close({ timeout: 0 }));
      const { id } = await outbox.track.lead(lead());
      const stalled = await startWorker({ store: store.name, options, url: api.url });
      t.after(() => stalled.kill());
      await arrived;
      stalled.signal('SIGSTOP');
      const other = await startWorker({ store: store.name, options, url: api.url });
      t.after(() => other.kill());
      await outbox.drained();
      stalled.signal('SIGCONT');
      release();
      // The next entry is delivered, so that both had their time.
      await outbox.track.lead(lead('user_2'));
      await outbox.drained();
      const parked = await all(outbox.parked());
      assert.deepEqual(
        parked.map((entry) => [entry.id, entry.reason, entry.error.code]),
        [[id, 'ambiguous', 'INTERRUPTED']],
      );
      assert.equal(api.bodies().filter(({ customerExternalId }) => customerExternalId === 'user_1').length, 1);
    });
  });
}
