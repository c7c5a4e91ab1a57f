'use strict';

// A worker that the API does not accept pauses alone, even if it shares key and entries with one that is accepted.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { stores } = require('../support/stores/stores.js');

for (const store of stores) {
  describe(store.name, () => {
    test('a worker that is not accepted lets another one deliver', { timeout: 60_000 }, async (t) => {
      const api = await startApi(t, ({ path, headers }) =>
        headers['x-place'] ? refused(401, 'UNAUTHORIZED', { 'Retry-After': '3600' }) : ok({ path }),
      );
      const server = await store.start();
      t.after(() => server.stop());
      const options = store.optionsFor(server.url, 'refused');
      const open = (/** @type {object} */ client) => {
        const outbox = store.open(clientFor(api, client), options);
        t.after(() => outbox.close({ timeout: 0 }));
        return outbox;
      };
      const worker = open({ headers: { 'x-place': 'elsewhere' } });
      const paused = once(worker, 'paused');
      for (let i = 0; i < 20; i += 1) await worker.track.lead(lead(`user_${i}`));
      assert.equal((await paused)[0].error.status, 401);
      const other = open({});
      await other.drained();
      assert.equal(api.requests.filter(({ headers }) => !headers['x-place']).length, 20);
      const { parked, foreign } = await other.stats();
      assert.deepEqual({ parked, foreign }, { parked: 0, foreign: 0 });
    });
  });
}
