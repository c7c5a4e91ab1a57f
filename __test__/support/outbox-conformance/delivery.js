'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const result = require('refport/result');
const { API_KEY, rejectionOf } = require('../refport-client.js');
const { lead, ok, openOutbox, refused, sale, startApi } = require('./setting.js');

/** @param {import('./setting.js').Harness} harness */
function delivery(harness) {
  describe(`${harness.name}: delivery`, () => {
    test('keeps the order of each customer, and sends others side by side', async (t) => {
      const inFlight = new Map();
      let most = 0;
      const api = await startApi(t, async (request, { customerExternalId }) => {
        assert.ok(!inFlight.get(customerExternalId), 'two of one customer at a time');
        inFlight.set(customerExternalId, true);
        most = Math.max(most, [...inFlight.values()].filter(Boolean).length);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inFlight.set(customerExternalId, false);
        return ok(request);
      });
      const outbox = openOutbox(t, harness, api, { concurrency: 4 });
      const recorded = [];
      for (let i = 0; i < 60; i += 1) {
        const params = { ...sale(`user_${i % 6}`, { metadata: { i } }), eventName: 'x' };
        recorded.push(outbox.track[i % 3 ? 'sale' : 'lead'](params));
      }
      await Promise.all(recorded);
      await outbox.drained();
      assert.equal(api.requests.length, 60);
      for (let user = 0; user < 6; user += 1) {
        const mine = api.bodies().filter(({ customerExternalId }) => customerExternalId === `user_${user}`);
        const order = mine.map(({ metadata }) => metadata.i);
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
      assert.ok(most > 1 && most <= 4, `${most} at a time`);
    });

    test('keeps the order when the first one has to be repeated', async (t) => {
      let failures = 1;
      const api = await startApi(t, (request) => (failures-- > 0 ? refused(500) : ok(request)));
      const outbox = openOutbox(t, harness, api);
      await outbox.track.sale(sale('user_1', { invoiceId: 'in_1' }));
      await outbox.track.sale(sale('user_1', { invoiceId: 'in_2' }));
      await outbox.track.sale(sale('user_1', { invoiceId: 'in_3' }));
      await outbox.drained();
      assert.deepEqual(
        api.bodies().map(({ invoiceId }) => invoiceId),
        ['in_1', 'in_1', 'in_2', 'in_3'],
      );
    });

    test('delivers through a client that gives results instead of throwing', async (t) => {
      const api = await startApi(t, (request, { clickId }) => (clickId === 'unknown' ? refused(400) : ok(request)));
      const client = new result.Refport({ apiKey: API_KEY, baseUrl: api.url });
      const outbox = openOutbox(t, harness, api, { client });
      const delivered = once(outbox, 'delivered');
      await outbox.track.lead(lead('user_1'));
      assert.equal((await delivered)[1].eventName, 'Sign up');
      const parked = once(outbox, 'parked');
      await outbox.track.lead(lead('user_2', { clickId: 'unknown' }));
      assert.equal((await parked)[1].status, 400);
    });

    test('gives up waiting when the signal fires', async (t) => {
      const api = await startApi(t, () => new Promise(() => {}));
      const outbox = openOutbox(t, harness, api);
      await outbox.track.sale(sale('user_1', { invoiceId: 'in_1' }));
      const error = await rejectionOf(outbox.drained({ signal: AbortSignal.timeout(50) }));
      assert.equal(error.name, 'RefportAbortError');
    });

    test('cuts off what is on the wire too long when it is closed', async (t) => {
      const arrived = new Set();
      let onFirst = () => {};
      const first = new Promise((resolve) => {
        onFirst = () => resolve(undefined);
      });
      const api = await startApi(t, (_request, { customerExternalId }) => {
        arrived.add(customerExternalId);
        if (arrived.size === 2) onFirst();
        return new Promise(() => {});
      });
      const outbox = openOutbox(t, harness, api);
      const { id } = await outbox.track.lead(lead('user_1'));
      await outbox.track.sale(sale('user_2', { invoiceId: 'in_1' }));
      await first;
      const parked = once(outbox, 'parked');
      await outbox.close({ timeout: 50 });
      assert.equal((await parked)[0].id, id);
      assert.equal((await parked)[0].reason, 'ambiguous');

      api.answer = ok;
      const second = openOutbox(t, harness, api, { area: outbox.area });
      await once(second, 'delivered');
      await second.drained();
      const repeated = api.bodies().filter(({ invoiceId }) => invoiceId === 'in_1');
      assert.equal(repeated.length, 2);
      assert.equal((await second.stats()).parked, 1);
    });
  });
}

module.exports = { delivery };
