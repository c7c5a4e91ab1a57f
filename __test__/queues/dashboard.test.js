'use strict';

// The sandbox's dashboard, looking at the outbox of a queue.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { createSandbox } = require('refport/testing');
const { clientFor } = require('../support/refport-client.js');
const { stores } = require('../support/stores/stores.js');

const LEAD = { clickId: 'click_1', eventName: 'Sign up', customerExternalId: 'user_1' };

for (const store of stores) {
  describe(`the dashboard, on the store of ${store.name}`, () => {
    /** @type {import('../support/stores/stores.js').StoreServer} */
    let server;
    before(async () => {
      server = await store.start();
    });
    after(() => server.stop());

    test('lists what is held and parked, sends again and discards', async (t) => {
      const outbox =
        store.name === 'BullOutbox' ? { redis: server.url, prefix: 'shop' } : { postgres: server.url, schema: 'shop' };
      const sandbox = await createSandbox({ outbox });
      t.after(() => sandbox.close());
      const app = store.open(clientFor(sandbox, { apiKey: sandbox.apiKey }), store.optionsFor(server.url, 'shop'));
      t.after(() => app.close({ timeout: 0 }));
      sandbox.drop({ on: 'lead', when: 'after' });
      await app.track.lead(LEAD, { id: 'parked' });
      await app.drained();
      await app.track.lead({ ...LEAD, customerExternalId: 'user_2' }, { id: 'held', deliverAfter: 3_600_000 });

      const { entries } = await (await fetch(`${sandbox.url}/_sandbox/outbox/entries`)).json();
      assert.deepEqual(
        new Map(entries.map((/** @type {any} */ { id, customerId, state }) => [id, [customerId, state]])),
        new Map([
          ['parked', ['user_1', 'parked']],
          ['held', ['user_2', 'held']],
        ]),
      );
      for (const [decision, id] of [
        ['resend', 'parked'],
        ['discard', 'held'],
      ]) {
        const response = await fetch(`${sandbox.url}/_sandbox/outbox/${decision}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id }),
        });
        assert.equal(response.status, 200, await response.text());
      }
      await sandbox.waitForLead(({ id }) => id === 2);
      await app.drained();
      const counts = await (await fetch(`${sandbox.url}/_sandbox/outbox`)).json();
      assert.deepEqual(counts, { pending: 0, held: 0, sending: 0, parked: 0, error: null });
    });
  });
}
