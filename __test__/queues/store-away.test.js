'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { inspect } = require('node:util');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { lead, openOutbox, startApi } = require('../support/outbox-conformance/setting.js');
const { stores } = require('../support/stores/stores.js');
const { startTcpProxy } = require('../support/stores/tcp-proxy.js');

for (const store of stores) {
  describe(store.name, () => {
    test('recording fails in bounded time while the store is away, and the process goes on', async (t) => {
      const api = await startApi(t);
      const server = await store.start();
      t.after(() => server.stop());
      const proxy = await startTcpProxy(server.port);
      const url = new URL(server.url.replace(String(server.port), String(proxy.port)));
      url.password = 's3cret';
      const outbox = store.open(clientFor(api), store.optionsFor(url.href, 'away'));
      t.after(() => outbox.close({ timeout: 0 }));
      await outbox.stats();
      await proxy.close();
      const started = Date.now();
      const error = await rejectionOf(outbox.track.lead(lead()));
      assert.equal(/** @type {any} */ (error).code, 'OUTBOX_FAILED');
      assert.ok(error.cause instanceof Error);
      assert.ok(!inspect(error, { depth: 9 }).includes('s3cret'), 'the password of the store is printed');
      assert.ok(Date.now() - started < 20_000);
    });

    test('goes on by itself when the store is back', async (t) => {
      const api = await startApi(t);
      const server = await store.start();
      t.after(() => server.stop());
      /** @type {Parameters<typeof openOutbox>[1]} */
      const harness = {
        newArea: () => 'back',
        open: (refport, area) => store.open(refport, store.optionsFor(server.url, area)),
      };
      const outbox = openOutbox(t, harness, api);
      const first = once(outbox, 'delivered');
      await outbox.track.lead(lead('user_1'));
      await first;
      await server.restart('SIGKILL');
      const second = once(outbox, 'delivered');
      for (;;) {
        try {
          await outbox.track.lead(lead('user_2'), { id: 'second' });
          break;
        } catch (error) {
          assert.equal(/** @type {any} */ (error).code, 'OUTBOX_FAILED');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      assert.equal((await second)[0].id, 'second');
    });
  });
}
