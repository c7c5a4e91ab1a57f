'use strict';

// Entries whose process died while it sent them.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { all, lead, sale, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox after the death of a process', () => {
  const setting = pgSetting();
  /** As a process leaves it that dies a minute ago, during its second attempt. @param {string} schema */
  const interrupt = (schema) =>
    setting.query(
      `UPDATE ${schema}.job SET state = 'active', started_on = now() - interval '1 minute', retry_count = 2
       WHERE name = 'refport-outbox' AND state = 'created'`,
    );

  test('parks a lead with the attempts that were made, and sends again what may be repeated', async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    const producer = setting.open(t, clientFor(api), { schema, role: 'producer' });
    await producer.track.lead(lead('user_1'), { id: 'lead' });
    await producer.track.lead(lead('user_2'), { id: 'repeatable', retryAmbiguous: true });
    await producer.track.sale(sale('user_3', { invoiceId: 'in_1' }));
    await interrupt(schema);
    const worker = setting.open(t, clientFor(api), { schema, role: 'worker' });
    const [parked, error] = await once(worker, 'parked');
    assert.deepEqual([parked.id, parked.reason, parked.attempts, error.code], ['lead', 'ambiguous', 2, 'INTERRUPTED']);
    await worker.drained();
    assert.deepEqual(
      api
        .bodies()
        .map(({ customerExternalId }) => customerExternalId)
        .sort(),
      ['user_2', 'user_3'],
    );
  });

  test('leaves nothing of an entry that was erased while it was sent', async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    const producer = setting.open(t, clientFor(api), { schema, role: 'producer' });
    await producer.track.lead(lead('user_1'), { id: 'lead' });
    await interrupt(schema);
    assert.equal(await producer.erase('user_1'), 1);
    const worker = setting.open(t, clientFor(api), { schema, role: 'worker' });
    await worker.drained();
    assert.equal(api.requests.length, 0);
    assert.deepEqual(await all(worker.parked()), []);
  });
});
