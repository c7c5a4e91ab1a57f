'use strict';

// What a process is told of a Redis that it cannot reach, or that cannot keep its promise.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { test } = require('node:test');
const { BullOutbox } = require('refport/outbox/bullmq');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { lead, ok, sale, startApi } = require('../support/outbox-conformance/setting.js');
const { startRedis } = require('../support/stores/redis.js');
const { freePort } = require('../support/stores/server-process.js');

/** @param {import('node:test').TestContext} t @param {object} options */
async function open(t, options) {
  const outbox = /** @type {any} */ (new BullOutbox(clientFor(await startApi(t)), /** @type {any} */ (options)));
  t.after(() => outbox.close({ timeout: 0 }));
  return outbox;
}

test('a worker with a wrong address says so, and recording fails within its bound', async (t) => {
  const connection = { url: `redis://127.0.0.1:${await freePort()}` };
  const outbox = await open(t, { connection, recordTimeout: 300 });
  const [{ error }] = await once(outbox, 'paused');
  assert.equal(error.code, 'OUTBOX_FAILED');
  assert.match(error.message, /ECONNREFUSED/);
  const started = performance.now();
  const refusal = /** @type {any} */ (await rejectionOf(outbox.track.lead(lead())));
  assert.match(refusal.message, /ECONNREFUSED/);
  assert.equal(refusal.cause.code, 'ECONNREFUSED');
  assert.ok(performance.now() - started < 2500, `${performance.now() - started} ms`);
});

test('a wrong password is named', async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  execFileSync('redis-cli', ['-p', String(redis.port), 'config', 'set', 'requirepass', 's3cret']);
  const outbox = await open(t, {
    connection: { url: redis.url, password: 'wrong' },
    recordTimeout: 500,
    role: 'producer',
  });
  assert.match((await rejectionOf(outbox.track.lead(lead()))).message, /WRONGPASS|NOAUTH/);
});

test('a Redis without its log gives one warning with a code', async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  execFileSync('redis-cli', ['-p', String(redis.port), 'config', 'set', 'appendonly', 'no']);
  const warned = once(process, 'warning');
  await open(t, { connection: { url: redis.url }, role: 'producer' });
  const [warning] = await warned;
  assert.equal(warning.code, 'REFPORT_OUTBOX_DURABILITY');
  assert.match(warning.message, /counted twice/);
});

test('waits for replicas where it is asked to, and sends nothing without them', async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const options = { connection: { url: redis.url }, recordTimeout: 2000, role: 'producer' };
  const patient = await open(t, { ...options, waitFor: { replicas: 1 } });
  const error = await rejectionOf(patient.track.lead(lead()));
  assert.match(error.message, /0 of 1 replicas/);
});

test('one busy customer is served as fast as the API answers', async (t) => {
  const redis = await startRedis({ fsync: 'everysec' });
  t.after(() => redis.stop());
  const api = await startApi(t, ok);
  const outbox = /** @type {any} */ (
    new BullOutbox(clientFor(api), { connection: { url: redis.url }, prefix: 'busy' })
  );
  t.after(() => outbox.close({ timeout: 0 }));
  const started = performance.now();
  await Promise.all(Array.from({ length: 100 }, (_, i) => outbox.track.sale(sale('user_1', { invoiceId: `in_${i}` }))));
  await outbox.drained();
  // 12 a second was the rate of looking again after 50 ms for each that is before it.
  assert.ok(performance.now() - started < 6000, `${performance.now() - started} ms`);
  assert.deepEqual(
    api.bodies().map(({ invoiceId }) => invoiceId),
    Array.from({ length: 100 }, (_, i) => `in_${i}`),
  );
});
