'use strict';

// Entries that expire together are parked a thousand at a time.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

const ENTRIES = 2500;
const HOUR = 60 * 60 * 1000;

describe('PgOutbox and maxAge', () => {
  const setting = pgSetting();

  test('parks what is too old in batches, also during a pause, and counts from when an entry was due', {
    timeout: 60_000,
  }, async (t) => {
    const api = await startApi(t, () => refused(429, 'LIMIT', { 'Retry-After': '60' }));
    const schema = setting.newSchema();
    const producer = setting.open(t, clientFor(api), { schema, role: 'producer' });
    for (let i = 0; i < ENTRIES; i += 1) void producer.track.lead(lead(`user_${i}`));
    await producer.track.lead(lead('held'), { id: 'held', deliverAfter: HOUR });
    await producer.track.lead(lead('was held'), { id: 'was held', deliverAfter: 1 });
    await setting.query(`UPDATE ${schema}.job SET created_on = created_on - interval '2 hours'`);
    /** @type {number[]} */
    const batches = [];
    const db = setting.database(async (text, run) => {
      const result = await run();
      if (/'expired'/.test(text)) batches.push(result.rows.length);
      return result;
    });
    const worker = setting.open(t, clientFor(api), {
      schema,
      role: 'worker',
      maxAge: HOUR,
      db: /** @type {any} */ (db),
    });
    /** @type {string[]} */
    const reasons = [];
    worker.on('parked', (/** @type {{ reason: string }} */ { reason }) => reasons.push(reason));
    while (reasons.length < ENTRIES) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([...new Set(reasons)], ['expired']);
    assert.ok(Math.max(...batches) <= 1000, String(batches));
    const { parked, held, pending, sending } = await worker.stats();
    assert.deepEqual({ parked, held, waiting: pending + sending }, { parked: ENTRIES, held: 1, waiting: 1 });
  });
});
