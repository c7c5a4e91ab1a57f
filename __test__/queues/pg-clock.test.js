'use strict';

// A clock that is set back an hour holds nothing up.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox when the clock of its machine is set back', () => {
  const setting = pgSetting();

  for (const [what, status] of /** @type {const} */ ([
    ['that all share', 429],
    ['of this process', 401],
  ])) {
    test(`ends a pause ${what}`, { timeout: 20_000 }, async (t) => {
      let isAway = true;
      const api = await startApi(t, (request) =>
        isAway ? refused(status, 'AWAY', { 'Retry-After': '1' }) : ok(request),
      );
      const outbox = setting.open(t, clientFor(api), { schema: setting.newSchema() });
      const paused = once(outbox, 'paused');
      await outbox.track.lead(lead());
      await paused;
      const { now } = Date;
      t.after(() => {
        Date.now = now;
      });
      Date.now = () => now() - 60 * 60 * 1000;
      isAway = false;
      await once(outbox, 'resumed');
      await outbox.drained();
      assert.equal((await outbox.stats()).parked, 0);
    });
  }
});
