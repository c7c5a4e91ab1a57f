'use strict';

// An entry whose taking Postgres confirmed too long ago is not sent: another process may have taken it since.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { clientFor } = require('../support/refport-client.js');
const { lead, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox with a slow answer from Postgres', () => {
  const setting = pgSetting();

  test('sends once what another process has taken meanwhile', { timeout: 60_000 }, async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    let isSlow = true;
    let answer = () => {};
    const answered = new Promise((resolve) => {
      answer = () => resolve(undefined);
    });
    const slow = setting.database(async (text, run) => {
      const result = await run();
      if (isSlow && /was::text AS was/.test(text) && result.rows.length > 0) {
        isSlow = false;
        // The process stands still, its lease ends, and another one takes the entry.
        await setting.query(`UPDATE ${schema}.job SET started_on = now() - interval '1 minute' WHERE state = 'active'`);
        setting.open(t, clientFor(api), { schema, role: 'worker' });
        await sleep(10_500);
        answer();
      }
      return result;
    });
    const outbox = setting.open(t, clientFor(api), { schema, db: /** @type {any} */ (slow) });
    await outbox.track.lead(lead(), { retryAmbiguous: true });
    await answered;
    // Until this one is delivered, the first process has done what it does with the answer.
    await outbox.track.lead(lead('user_2'));
    await outbox.drained();
    assert.equal(api.bodies().filter(({ customerExternalId }) => customerExternalId === 'user_1').length, 1);
  });
});
