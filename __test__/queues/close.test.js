'use strict';

// A process that closes its outbox ends, whatever has become of the store.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, startApi } = require('../support/outbox-conformance/setting.js');
const { stores } = require('../support/stores/stores.js');
const { startTcpProxy } = require('../support/stores/tcp-proxy.js');
const { startWorker } = require('../support/stores/workers.js');

/** Far above what closing waits for, and what connections wait for an answer. */
const TIMEOUT = 60_000;

for (const store of stores) {
  describe(store.name, () => {
    /**
     * A worker that has begun: it has delivered something.
     * @param {import('node:test').TestContext} t
     */
    async function startDelivering(t) {
      const api = await startApi(t);
      const server = await store.start();
      t.after(() => server.stop());
      const proxy = await startTcpProxy(server.port);
      t.after(() => proxy.close());
      const outbox = store.open(clientFor(api), { ...store.optionsFor(server.url, 'closing'), role: 'producer' });
      t.after(() => outbox.close({ timeout: 0 }));
      await outbox.track.lead(lead());
      const url = server.url.replace(String(server.port), String(proxy.port));
      const worker = await startWorker({ store: store.name, options: store.optionsFor(url, 'closing'), url: api.url });
      t.after(() => worker.kill());
      await outbox.drained();
      return { api, outbox, proxy, worker };
    }

    test('closes while nothing is to do', { timeout: TIMEOUT }, async (t) => {
      const { worker } = await startDelivering(t);
      assert.equal(await worker.end(), 0);
    });

    test('closes while the store is gone', { timeout: TIMEOUT }, async (t) => {
      const { proxy, worker } = await startDelivering(t);
      await proxy.close();
      assert.equal(await worker.end(), 0);
    });

    test('closes while the store does not answer', { timeout: TIMEOUT }, async (t) => {
      const { proxy, worker } = await startDelivering(t);
      proxy.cut();
      assert.equal(await worker.end(), 0);
    });

    test('closes while the store does not answer and something is on the wire', { timeout: TIMEOUT }, async (t) => {
      const { api, outbox, proxy, worker } = await startDelivering(t);
      const arrived = new Promise((resolve) => {
        api.answer = () => {
          resolve(undefined);
          return new Promise(() => {});
        };
      });
      await outbox.track.lead(lead());
      await arrived;
      proxy.cut();
      assert.equal(await worker.end(), 0);
    });
  });
}
