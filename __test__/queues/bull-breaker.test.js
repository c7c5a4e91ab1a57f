'use strict';

// The shared circuit breaker of BullOutbox: a person can end a pause in all processes.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { after, before, describe, test } = require('node:test');
const { BullOutbox } = require('refport/outbox/bullmq');
const { clientFor } = require('../support/refport-client.js');
const { ok, refused, sale, startApi } = require('../support/outbox-conformance/setting.js');
const { startRedis } = require('../support/stores/redis.js');

describe('the breaker of BullOutbox', () => {
  /** @type {Awaited<ReturnType<typeof startRedis>>} */
  let redis;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  /** @param {import('node:test').TestContext} t @param {{ url: string }} api @param {object} options */
  function open(t, api, options) {
    const outbox = new BullOutbox(clientFor(api), { connection: { url: redis.url }, ...options });
    t.after(() => outbox.close({ timeout: 0 }));
    return /** @type {any} */ (outbox);
  }

  test('resume() ends a pause in all processes', async (t) => {
    let isLimited = true;
    const api = await startApi(t, (request) =>
      isLimited ? refused(429, 'LIMIT', { 'Retry-After': '3000' }) : ok(request),
    );
    const first = open(t, api, { prefix: 'resumed' });
    const paused = once(first, 'paused');
    await first.track.sale(sale('user_1', { invoiceId: 'in_1' }));
    const [{ until }] = await paused;
    assert.ok(until.getTime() - Date.now() > 2_900_000);
    isLimited = false;
    const producer = open(t, api, { prefix: 'resumed', role: 'producer' });
    const delivered = once(first, 'delivered');
    assert.equal(await producer.resume(), true);
    assert.equal((await delivered)[0].id, 'sale:in_1');
    assert.equal(await producer.resume(), false);
  });
});
