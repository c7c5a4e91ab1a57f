'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { startOutbox } = require('../outbox-process.js');
const { lead, ok, openOutbox, refused, startApi } = require('./setting.js');

const EVENTS = ['delivered', 'parked', 'paused', 'resumed'];

/** @param {import('./setting.js').Harness} harness */
function listeners(harness) {
  describe(`${harness.name}: listeners`, () => {
    for (const [what, origin] of /** @type {const} */ ([
      ['throw', 'uncaughtException'],
      ['reject', 'unhandledRejection'],
    ])) {
      test(`that ${what} change nothing, and the process learns of it`, { timeout: 60_000 }, async (t) => {
        let refusals = 2;
        /** @type {string[]} */
        const counted = [];
        const api = await startApi(t, (request, { customerExternalId }) => {
          if (customerExternalId === 'unknown') return refused(422);
          if (refusals-- > 0) return refused(429);
          counted.push(customerExternalId);
          return ok(request);
        });
        const area = harness.newArea();
        const input = { url: api.url, store: harness.name, options: harness.optionsFor(area), listeners: what };
        const outbox = startOutbox(t, input);
        outbox.tell('lead', lead('user_1'), { id: 'user_1' });
        await outbox.says(`${origin}: paused`);
        for (const id of ['user_2', 'unknown']) outbox.tell('lead', lead(id), { id });
        outbox.tell('drained');
        await outbox.says('drained');
        for (const event of EVENTS) await outbox.says(`${origin}: ${event}`);

        if (harness.restart) {
          await harness.restart();
          const producer = openOutbox(t, harness, api, { area, role: 'producer' });
          await recordOnceItIsBack(producer, 'user_3');
          await outbox.says('delivered user_3');
          await producer.close();
        }
        const { code } = await outbox.close();
        assert.equal(code, 0);
        assert.deepEqual(counted.sort(), ['user_1', 'user_2', ...(harness.restart ? ['user_3'] : [])]);
        assert.deepEqual(
          outbox.lines.filter((line) => line.startsWith('parked')),
          ['parked unknown'],
        );
      });
    }
  });
}

/** @param {any} outbox @param {string} id */
async function recordOnceItIsBack(outbox, id) {
  for (;;) {
    try {
      return await outbox.track.lead(lead(id), { id });
    } catch (error) {
      assert.equal(/** @type {any} */ (error).code, 'OUTBOX_FAILED');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

module.exports = { listeners };
