'use strict';

// Entries are jobs of BullMQ: what its dashboards show, and what their buttons do.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { after, before, describe, test } = require('node:test');
const { Queue } = require('bullmq');
const { BullOutbox } = require('refport/outbox/bullmq');
const { clientFor } = require('../support/refport-client.js');
const { all, lead, ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { startRedis } = require('../support/stores/redis.js');

describe('BullMQ and the outbox', () => {
  /** @type {Awaited<ReturnType<typeof startRedis>>} */
  let redis;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.stop());

  /**
   * @param {import('node:test').TestContext} t
   * @param {{ url: string }} api
   * @param {string} prefix
   * @param {object} [options]
   */
  function open(t, api, prefix, options = {}) {
    const connection = { url: redis.url };
    const outbox = new BullOutbox(clientFor(api), { connection, prefix, ...options });
    t.after(() => outbox.close({ timeout: 0 }));
    const queue = new Queue('refport-outbox', { connection, prefix });
    t.after(() => queue.close());
    return { outbox: /** @type {any} */ (outbox), queue };
  }

  test('ids that BullMQ has keys for are ids as good as others', async (t) => {
    const api = await startApi(t);
    const { outbox } = open(t, api, 'reserved');
    const ids = ['meta', 'wait', 'active', 'failed', 'delayed', 'completed', 'marker', 'id', 'events', 'limiter', 'pc'];
    for (const id of ids) assert.deepEqual(await outbox.track.lead(lead(id), { id }), { id, duplicate: false });
    await outbox.drained();
    assert.deepEqual(
      api
        .bodies()
        .map(({ customerExternalId }) => customerExternalId)
        .sort(),
      ids.sort(),
    );
  });

  test('a dashboard counts what waits and is parked, retries it, and promotes what is held', async (t) => {
    let isKnown = false;
    const api = await startApi(t, (request, { clickId }) => (clickId === 'x' && !isKnown ? refused(400) : ok(request)));
    const { outbox: producer, queue } = open(t, api, 'buttons', { role: 'producer' });
    await producer.track.lead(lead('user_1', { clickId: 'x' }), { id: 'bad' });
    await producer.track.lead(lead('user_2'), { id: 'later', deliverAfter: 60 * 60 * 1000 });
    const counts = await queue.getJobCounts('prioritized', 'delayed');
    assert.deepEqual(counts, { prioritized: 1, delayed: 1 });
    const { outbox: worker } = open(t, api, 'buttons', { role: 'worker' });
    const [parked] = await once(worker, 'parked');
    assert.equal(parked.id, 'bad');
    const [failed] = await queue.getFailed();
    assert.match(String(failed?.failedReason), /^rejected: answered 400/);
    isKnown = true;
    const delivered = once(worker, 'delivered');
    await failed?.retry();
    assert.equal((await delivered)[0].id, 'bad');
    const promoted = once(worker, 'delivered');
    const [held] = await queue.getDelayed();
    await held?.promote();
    assert.equal((await promoted)[0].id, 'later');
    assert.deepEqual(await worker.stats(), { pending: 0, held: 0, sending: 0, parked: 0, foreign: 0, oldest: null });
  });

  test('what a dashboard removes is not missed: its customer goes on', async (t) => {
    const api = await startApi(t);
    const { outbox: producer, queue } = open(t, api, 'removed', { role: 'producer' });
    for (const id of ['first', 'second']) await producer.track.lead(lead('user_1'), { id });
    await (await queue.getJob('entry-first'))?.remove();
    const { outbox: worker } = open(t, api, 'removed', { role: 'worker' });
    assert.equal((await once(worker, 'delivered'))[0].id, 'second');
    await worker.drained();
    assert.equal(api.requests.length, 1);
  });

  test('after delivery nothing of the customer is left in Redis, and ids are known', async (t) => {
    const api = await startApi(t);
    const { outbox, queue } = open(t, api, 'forgotten');
    await outbox.track.lead(lead('a customer'), { id: 'one' });
    await outbox.drained();
    const client = /** @type {any} */ (await queue.getBackend()).client;
    const redisClient = await client;
    const found = [];
    for (const key of await redisClient.keys('forgotten:*')) {
      found.push(key);
      if ((await redisClient.type(key)) === 'hash') found.push(JSON.stringify(await redisClient.hgetall(key)));
    }
    assert.ok(!found.join().includes('a customer'), found.join('\n'));
    assert.equal((await outbox.track.lead(lead(), { id: 'one' })).duplicate, true);
  });

  test('erases a customer in every state', async (t) => {
    const api = await startApi(t, (request, { clickId }) => (clickId === 'x' ? refused(400) : ok(request)));
    const { outbox } = open(t, api, 'erased');
    await outbox.track.lead(lead('user_1', { clickId: 'x' }));
    await outbox.drained();
    await outbox.track.lead(lead('user_1'), { deliverAfter: 60 * 60 * 1000 });
    await outbox.track.lead(lead('user_2'), { deliverAfter: 60 * 60 * 1000 });
    assert.equal(await outbox.erase('user_1'), 2);
    const { held, parked } = await outbox.stats();
    assert.deepEqual([held, parked, (await all(outbox.parked())).length], [1, 0, 0]);
  });

  test('discards what has not been sent, for good', async (t) => {
    const api = await startApi(t);
    const { outbox } = open(t, api, 'taken-back');
    await outbox.track.lead(lead(), { id: 'refunded', deliverAfter: new Date(Date.now() + 500) });
    assert.equal(await outbox.discard('refunded'), true);
    assert.equal(await outbox.discard('refunded'), false);
    await outbox.track.lead(lead(), { id: 'kept', deliverAfter: 600 });
    assert.equal((await once(outbox, 'delivered'))[0].id, 'kept');
    assert.equal(api.requests.length, 1);
  });

  test('entries of another key are left alone and counted, until they are adopted', async (t) => {
    const api = await startApi(t);
    const connection = { url: redis.url };
    const other = new BullOutbox(clientFor(api, { apiKey: 'rk_other' }), {
      connection,
      prefix: 'keys',
      role: 'producer',
    });
    t.after(() => other.close({ timeout: 0 }));
    await other.track.lead(lead('user_1'), { id: 'theirs' });
    const { outbox } = open(t, api, 'keys');
    await outbox.track.lead(lead('user_2'), { id: 'ours' });
    assert.equal((await once(outbox, 'delivered'))[0].id, 'ours');
    await outbox.drained();
    assert.equal((await outbox.stats()).foreign, 1);
    const delivered = once(outbox, 'delivered');
    assert.equal(await outbox.adopt(), 1);
    assert.equal((await delivered)[0].id, 'theirs');
    assert.equal((await outbox.stats()).foreign, 0);
  });

  test('a process without a key records, and one with a key delivers', async (t) => {
    const api = await startApi(t);
    const producer = new BullOutbox(null, { connection: { url: redis.url }, prefix: 'keyless' });
    t.after(() => producer.close({ timeout: 0 }));
    const { id } = await producer.track.lead(lead());
    const { outbox } = open(t, api, 'keyless');
    assert.equal((await once(outbox, 'delivered'))[0].id, id);
  });
});
