'use strict';

// The circuit breaker on Postgres: what an outage costs, a slow API, and how a pause is ended.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { all, lead, ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe("PgOutbox's circuit breaker", () => {
  const setting = pgSetting();

  test('probes with a request that creates nothing while the API fails, and loses no lead to it', {
    timeout: 60_000,
  }, async (t) => {
    let isAway = true;
    let probes = 0;
    let probed = () => {};
    const twoProbes = new Promise((resolve) => {
      probed = () => ++probes === 2 && resolve(undefined);
    });
    const api = await startApi(t, (request) => {
      if (request.path === '/api/embed/token') {
        probed();
        return isAway ? refused(500) : refused(422, 'VALIDATION_ERROR');
      }
      return isAway ? refused(500) : ok(request);
    });
    const schema = setting.newSchema();
    const outbox = setting.open(t, clientFor(api), { schema, concurrency: 1 });
    const other = setting.open(t, clientFor(api), { schema, concurrency: 1 });
    for (let i = 0; i < 30; i += 1) await outbox.track.lead(lead(`user_${i}`));
    await twoProbes;
    const lost = await all(outbox.parked());
    // Each of the two opens after three leads in a row.
    assert.ok(lost.length <= 7, `${lost.length} leads were tried`);
    isAway = false;
    await Promise.race([once(outbox, 'resumed'), once(other, 'resumed')]);
    await outbox.drained();
    assert.equal((await all(outbox.parked())).length, lost.length);
  });

  test('does not take a pause that Postgres is still writing for one that has ended', async (t) => {
    const api = await startApi(t, () => refused(429, 'LIMIT', { 'Retry-After': '3600' }));
    const db = setting.database(async (text, run) => {
      if (/INSERT INTO[^;]*'refport-outbox-pause'/.test(text)) {
        // Wakes the worker.
        await outbox.track.lead(lead('user_2'));
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      return run();
    });
    const outbox = setting.open(t, clientFor(api), { schema: setting.newSchema(), db });
    const paused = once(outbox, 'paused');
    await outbox.track.lead(lead('user_1'));
    await paused;
    assert.equal(api.requests.length, 1);
  });

  test('resume() ends a pause on all machines', { timeout: 20_000 }, async (t) => {
    let isAway = true;
    const api = await startApi(t, (request) =>
      isAway ? refused(429, 'LIMIT', { 'Retry-After': '3600' }) : ok(request),
    );
    const schema = setting.newSchema();
    const worker = setting.open(t, clientFor(api), { schema, role: 'worker' });
    const producer = setting.open(t, clientFor(api), { schema, role: 'producer' });
    assert.equal(await producer.resume(), false);
    const paused = once(worker, 'paused');
    await producer.track.lead(lead());
    const [{ until }] = await paused;
    assert.ok(until.getTime() > Date.now() + 3_500_000);
    isAway = false;
    const resumed = once(worker, 'resumed');
    assert.equal(await producer.resume(), true);
    await resumed;
    await producer.drained();
    assert.equal(await worker.resume(), false);
  });

  test('probes in the place of a process that died while it did', { timeout: 20_000 }, async (t) => {
    const schema = setting.newSchema();
    const api = await startApi(t, () => refused(429, 'LIMIT', { 'Retry-After': '3600' }));
    const client = clientFor(api);
    const first = setting.open(t, client, { schema });
    const paused = once(first, 'paused');
    await first.track.lead(lead());
    await paused;
    await first.close();
    await setting.query(
      `UPDATE ${schema}.job SET state = 'active', start_after = now(), started_on = now() - interval '1 minute'
       WHERE name = 'refport-outbox-pause'`,
    );
    api.answer = ok;
    const second = setting.open(t, client, { schema });
    await second.drained();
    assert.equal(api.requests.length, 2);
  });
});
