'use strict';

// What is stored about a customer can be removed, also while it is being sent; after delivery there is nothing to remove.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox.erase', () => {
  const setting = pgSetting();
  /** Everything that is stored, as text. @param {string} schema */
  const stored = async (schema) => JSON.stringify(await setting.query(`SELECT * FROM ${schema}.job`));

  test('removes what waits, is held or parked, and keeps the ids', async (t) => {
    const api = await startApi(t, () => refused(422));
    const schema = setting.newSchema();
    const outbox = setting.open(t, clientFor(api), { schema });
    await outbox.track.lead(lead('zoë'), { id: 'parked' });
    await outbox.drained();
    await outbox.track.lead(lead('zoë'), { id: 'held', deliverAfter: 60_000 });
    await outbox.track.lead(lead('other'), { id: 'other', deliverAfter: 60_000 });
    assert.equal(await outbox.erase('zoë'), 2);
    assert.equal(await outbox.erase('zoë'), 0);
    assert.doesNotMatch(await stored(schema), /zoë/);
    assert.equal((await outbox.track.lead(lead('zoë'), { id: 'parked' })).duplicate, true);
    const { parked, held } = await outbox.stats();
    assert.deepEqual({ parked, held }, { parked: 0, held: 1 });
  });

  test('lets an entry on the wire leave nothing, however it ends', async (t) => {
    let outbox = /** @type {any} */ (null);
    const erased = new Promise((resolve) => {
      startApi(t, async () => {
        resolve(await outbox.erase('user_1'));
        return refused(500);
      }).then((api) => {
        outbox = setting.open(t, clientFor(api), { schema: 'erased' });
        return outbox.track.lead(lead('user_1'));
      });
    });
    assert.equal(await erased, 1);
    await outbox.drained();
    assert.deepEqual((await outbox.stats()).parked, 0);
    assert.doesNotMatch(await stored('erased'), /user_1/);
  });

  test('has nothing to remove after delivery', async (t) => {
    const api = await startApi(t, ok);
    const schema = setting.newSchema();
    const outbox = setting.open(t, clientFor(api), { schema });
    const delivered = once(outbox, 'delivered');
    await outbox.track.lead(lead('user_1'), { id: 'lead_1' });
    await delivered;
    assert.doesNotMatch(await stored(schema), /user_1|lead_1/);
    assert.equal((await outbox.track.lead(lead('user_1'), { id: 'lead_1' })).duplicate, true);
  });
});
