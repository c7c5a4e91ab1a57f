'use strict';

// Two apps with different API keys on one schema: each sends what was recorded for its key, and nothing else.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { all, lead, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox with two API keys', () => {
  const setting = pgSetting();
  /** The customers by the key that their leads were sent with. @param {Awaited<ReturnType<typeof startApi>>} api */
  const sentBy = (api) =>
    api.requests
      .filter(({ path }) => path.startsWith('/api/track'))
      .map(({ headers, body }) => `${headers.authorization} ${JSON.parse(body.toString()).customerExternalId}`)
      .sort();

  test('sends entries with the key they were recorded for, and counts the others', async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    const a = setting.open(t, clientFor(api, { apiKey: 'rp_a' }), { schema });
    const b = setting.open(t, clientFor(api, { apiKey: 'rp_b' }), { schema, role: 'producer' });
    await Promise.all(['b1', 'b2'].map((name) => b.track.lead(lead(name))));
    await a.track.lead(lead('a1'));
    await a.drained();
    assert.deepEqual(sentBy(api), ['Bearer rp_a a1']);
    const { pending, foreign } = await a.stats();
    assert.deepEqual({ pending, foreign }, { pending: 0, foreign: 2 });
    assert.equal((await b.stats()).pending, 2);
  });

  test('takes the others over when it is told to', async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    const old = setting.open(t, clientFor(api, { apiKey: 'rp_old' }), { schema, role: 'producer' });
    await Promise.all(['u1', 'u2'].map((name) => old.track.lead(lead(name), { id: name })));
    const rotated = setting.open(t, clientFor(api, { apiKey: 'rp_new' }), { schema });
    assert.equal(await rotated.adopt(), 2);
    await rotated.drained();
    assert.deepEqual(sentBy(api), ['Bearer rp_new u1', 'Bearer rp_new u2']);
    assert.equal((await rotated.stats()).foreign, 0);
    assert.equal((await rotated.track.lead(lead(), { id: 'u1' })).duplicate, true);
  });

  test('takes them over by the option adopt, parked ones too', async (t) => {
    const api = await startApi(t, () => refused(422));
    const schema = setting.newSchema();
    const old = setting.open(t, clientFor(api, { apiKey: 'rp_old' }), { schema });
    await old.track.lead(lead('u1'), { id: 'u1' });
    await old.drained();
    await old.close();
    const rotated = setting.open(t, clientFor(api, { apiKey: 'rp_new' }), { schema, adopt: true });
    while ((await rotated.stats()).foreign > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(
      (await all(rotated.parked())).map(({ id }) => id),
      ['u1'],
    );
  });

  test('decides about no entry of another key', async (t) => {
    const api = await startApi(t, () => refused(422));
    const schema = setting.newSchema();
    const owner = setting.open(t, clientFor(api, { apiKey: 'rp_a' }), { schema });
    await owner.track.lead(lead('u1'), { id: 'u1' });
    await owner.drained();
    const other = setting.open(t, clientFor(api, { apiKey: 'rp_b' }), { schema, role: 'producer' });
    assert.deepEqual(await all(other.parked()), []);
    assert.equal(await other.resend('u1'), false);
    assert.equal(await other.discard('u1'), false);
    assert.equal(await other.erase('u1'), 0);
    assert.equal((await owner.stats()).parked, 1);
  });

  test('what was recorded without a key is sent by whoever has one', async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    const producer = setting.open(t, null, { schema });
    await producer.track.lead(lead('u1'));
    assert.equal((await producer.stats()).pending, 1);
    const worker = setting.open(t, clientFor(api, { apiKey: 'rp_a' }), { schema, role: 'worker' });
    await worker.drained();
    assert.deepEqual(sentBy(api), ['Bearer rp_a u1']);
  });
});
