'use strict';

// A parked entry is sent again even if what kept its id known was removed from pg-boss' table.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox.resend', () => {
  const setting = pgSetting();

  test('loses nothing where completed jobs were deleted', { timeout: 20_000 }, async (t) => {
    let isRefused = true;
    const api = await startApi(t, (request) => (isRefused ? refused(422) : ok(request)));
    const schema = setting.newSchema();
    const outbox = setting.open(t, clientFor(api), { schema });
    await outbox.track.lead(lead(), { id: 'lead' });
    await outbox.drained();
    await setting.query(`DELETE FROM ${schema}.job WHERE state = 'completed'`);
    isRefused = false;
    assert.equal(await outbox.resend('lead'), true);
    await outbox.drained();
    assert.equal(api.requests.length, 2);
    assert.equal((await outbox.stats()).parked, 0);
  });
});
