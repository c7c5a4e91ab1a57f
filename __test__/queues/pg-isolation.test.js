'use strict';

// Postgres undoes statements of serializable transactions that meet others: the outbox runs them again.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { lead, startApi } = require('../support/outbox-conformance/setting.js');
const { clientFor } = require('../support/refport-client.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox where transactions are serializable by default', () => {
  const setting = pgSetting({ default_transaction_isolation: 'serializable' });

  test('records and delivers without a failure', { timeout: 60_000 }, async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    const outboxes = /** @type {any[]} */ ([]);
    for (let i = 0; i < 2; i += 1) {
      const outbox = setting.open(t, clientFor(api), { schema });
      outbox.on('paused', (/** @type {any} */ { error }) => assert.fail(error.message));
      // One after the other: pg-boss makes its schema.
      await outbox.stats();
      outboxes.push(outbox);
    }
    let next = 0;
    const recorder = async () => {
      for (let i = next++; i < 300; i = next++) {
        await outboxes[i % 2].track.lead(lead(`user_${i}`));
        await outboxes[i % 2].discard('nobody');
      }
    };
    await Promise.all(Array.from({ length: 12 }, recorder));
    await outboxes[0].drained();
    assert.equal(new Set(api.bodies().map(({ customerExternalId }) => customerExternalId)).size, 300);
    assert.equal(api.requests.length, 300);
  });
});
