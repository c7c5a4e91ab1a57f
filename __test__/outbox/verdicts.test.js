'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { all, lead, ok, once, openOutbox, refused, sale, startApi } = require('../support/outbox.js');
const { startFaultServer } = require('../support/fault-server.js');
const behaviours = require('../support/fault-behaviours.js');

/** @type {[call: 'lead' | 'sale', params: object][]} */
const oneTimeOnly = [
  ['lead', lead('user_1')],
  ['sale', sale('user_2')],
];
const repeatable = sale('user_3', { invoiceId: 'in_3' });

describe('after a failure', () => {
  for (const status of [500, 502, 504, 520]) {
    test(`${status}: what may have been counted is parked, and a sale with invoiceId is sent again`, async (t) => {
      const failed = new Set();
      const api = await startApi(t, (request) => {
        const customer = JSON.parse(request.body.toString()).customerExternalId;
        if (failed.has(customer)) return ok(request);
        failed.add(customer);
        return refused(status);
      });
      const outbox = openOutbox(t, api);
      for (const [call, params] of oneTimeOnly) await outbox.track[call](/** @type {any} */ (params));
      await outbox.track.sale(repeatable);
      await outbox.drained();
      const parked = await all(outbox.parked());
      assert.deepEqual(
        parked.map(({ call, reason, attempts, error }) => [call, reason, attempts, error?.status]),
        [
          ['lead', 'ambiguous', 1, status],
          ['sale', 'ambiguous', 1, status],
        ],
      );
      assert.deepEqual(
        api
          .bodies()
          .map(({ customerExternalId }) => customerExternalId)
          .sort(),
        ['user_1', 'user_2', 'user_3', 'user_3'],
      );
    });
  }

  for (const fault of /** @type {const} */ (['reset', 'eof', 'stall'])) {
    test(`${fault} after reading: the same`, async (t) => {
      const server = await startFaultServer([behaviours[fault](), behaviours.ok()]);
      t.after(() => server.close());
      const outbox = openOutbox(t, server, { concurrency: 1, client: { timeout: 300 } });
      const parked = once(outbox, 'parked');
      await outbox.track.lead(lead());
      const [entry, error] = await parked;
      assert.deepEqual(
        [entry.reason, error.name],
        ['ambiguous', fault === 'stall' ? 'RefportTimeoutError' : 'RefportConnectionError'],
      );
      await outbox.drained();
      assert.equal(server.requests.length, 1);
    });
  }

  for (const status of [400, 404, 413, 422]) {
    test(`${status}: the entry is parked as rejected, alone`, async (t) => {
      const api = await startApi(t, (request) =>
        JSON.parse(request.body.toString()).invoiceId === 'in_3' ? refused(status, 'NO') : ok(request),
      );
      const outbox = openOutbox(t, api);
      await Promise.all([outbox.track.sale(repeatable), outbox.track.lead(lead()), outbox.track.sale(sale('user_3'))]);
      await outbox.drained();
      const [entry, ...others] = await all(outbox.parked());
      assert.deepEqual(
        [entry.id, entry.reason, entry.error?.status, entry.error?.code],
        ['sale:in_3', 'rejected', status, 'NO'],
      );
      assert.deepEqual(others, []);
      assert.equal(api.requests.length, 3);
    });
  }

  test('an answer that is none counts as if it had been counted', async (t) => {
    let answers = 0;
    const api = await startApi(t, (request) => {
      answers += 1;
      return answers <= 2 ? { body: '<html>' } : ok(request);
    });
    const outbox = openOutbox(t, api, { concurrency: 1 });
    await outbox.track.lead(lead());
    await outbox.track.sale(repeatable);
    await outbox.drained();
    const [entry] = await all(outbox.parked());
    assert.deepEqual([entry.call, entry.reason, entry.error?.code], ['lead', 'ambiguous', 'INVALID_RESPONSE']);
    assert.equal(api.requests.length, 3);
  });
});
