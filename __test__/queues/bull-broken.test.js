'use strict';

// Connections to Redis that break while commands are on their way: what they ask for is asked again at once.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Redis } = require('ioredis');
const { BullOutbox } = require('refport/outbox/bullmq');
const { lead, ok, startApi } = require('../support/outbox-conformance/setting.js');
const { clientFor } = require('../support/refport-client.js');
const { startRedis } = require('../support/stores/redis.js');

test('connections that break fail no recording and hold up no delivery', { timeout: 60_000 }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const api = await startApi(t, ok);
  const outbox = new BullOutbox(clientFor(api), { connection: { url: redis.url } });
  t.after(() => outbox.close({ timeout: 0 }));
  const operator = new Redis(redis.url);
  t.after(() => operator.disconnect());
  await outbox.stats();
  /** @type {Promise<{ duplicate: boolean }>[]} */
  const recordings = [];
  for (let i = 0; i < 300; i += 1) {
    // Some have an id of their own, by which Redis must recognise them when they come again.
    recordings.push(outbox.track.lead(lead(`user_${i}`), i % 2 ? { id: `lead_${i}` } : {}));
    if (i % 30 === 15) await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const recorded = await Promise.all(recordings);
  assert.ok(recorded.every(({ duplicate }) => !duplicate));
  await outbox.drained();
  const counted = api.bodies().map(({ customerExternalId }) => customerExternalId);
  assert.equal(new Set(counted).size, 300);
  assert.equal(counted.length, 300);
});
