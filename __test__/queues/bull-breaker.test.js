'use strict';

// The shared circuit breaker of BullOutbox: an outage costs no lead, and a person can end a pause.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { after, before, describe, test } = require('node:test');
const { BullOutbox } = require('refport/outbox/bullmq');
const { clientFor } = require('../support/refport-client.js');
const { lead, ok, refused, sale, startApi } = require('../support/outbox-conformance/setting.js');
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

  test('an outage costs the leads that open it, and none to probe', async (t) => {
    let isAway = true;
    const api = await startApi(t, (request) => (isAway ? refused(500) : ok(request)));
    const outbox = open(t, api, { prefix: 'outage', concurrency: 1 });
    const paused = once(outbox, 'paused');
    for (let i = 0; i < 30; i += 1) await outbox.track.lead(lead(`user_${i}`));
    await paused;
    await once(outbox, 'paused');
    assert.equal(api.requests.length, 8, 'eight failures in a row open it');
    isAway = false;
    await once(outbox, 'resumed');
    await outbox.drained();
    assert.equal((await outbox.stats()).parked, 8);
    assert.equal(api.requests.length, 30);
  });

  test('resume() ends a pause in all processes', async (t) => {
    let isLimited = true;
    const api = await startApi(t, (request) => (isLimited ? refused(429, { 'Retry-After': '3000' }) : ok(request)));
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
