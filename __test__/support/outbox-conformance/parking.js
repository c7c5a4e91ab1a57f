'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { RefportValidationError } = require('refport');
const { all, lead, ok, openOutbox, refused, sale, startApi } = require('./setting.js');

/** @param {import('./setting.js').Harness} harness */
function parking(harness) {
  describe(`${harness.name}: parking`, () => {
    test('parks what the API will never take, and only that', async (t) => {
      const api = await startApi(t, (request, { clickId }) =>
        clickId === 'unknown' ? refused(400, 'INVALID_CLICK_ID') : ok(request),
      );
      const outbox = openOutbox(t, harness, api);
      const params = lead('user_1', { clickId: 'unknown' });
      const parked = once(outbox, 'parked');
      const { id } = await outbox.track.lead(params);
      await outbox.track.lead(lead('user_1'));
      await outbox.drained();
      const [entry, error] = await parked;
      const [listed, ...others] = await all(outbox.parked());
      assert.equal(others.length, 0);
      for (const one of [entry, listed]) {
        const { recordedAt, error: failure, ...rest } = one;
        assert.ok(recordedAt instanceof Date);
        assert.ok(failure instanceof RefportValidationError);
        assert.deepEqual(rest, { id, call: 'lead', params, reason: 'rejected', attempts: 1 });
      }
      assert.equal(`${error.code} ${error.status} ${error.message}`, 'INVALID_CLICK_ID 400 answered 400');
      assert.equal((await outbox.stats()).parked, 1);
      assert.equal(api.requests.length, 2);
    });

    test('parks what may have been counted, and repeats what the API counts once', async (t) => {
      let failing = true;
      const api = await startApi(t, (request) => (failing ? refused(500) : ok(request)));
      const outbox = openOutbox(t, harness, api);
      const parked = once(outbox, 'parked');
      const { id } = await outbox.track.lead(lead('user_1'));
      const [entry] = await parked;
      assert.deepEqual([entry.id, entry.reason, entry.error.ambiguous], [id, 'ambiguous', true]);
      const delivered = once(outbox, 'delivered');
      await outbox.track.sale(sale('user_2', { invoiceId: 'in_1' }));
      while (api.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
      failing = false;
      assert.equal((await delivered)[0].id, 'sale:in_1');
      await outbox.drained();
      const leads = api.bodies().filter(({ invoiceId }) => invoiceId === undefined);
      assert.equal(leads.length, 1);
    });

    test('sends again what somebody has decided to, and forgets what is discarded but for its id', async (t) => {
      let failing = true;
      const api = await startApi(t, (request) => (failing ? refused(422) : ok(request)));
      const outbox = openOutbox(t, harness, api);
      const ids = ['a', 'b', 'c'];
      for (const id of ids) await outbox.track.lead(lead(id), { id });
      await outbox.drained();
      failing = false;
      const delivered = once(outbox, 'delivered');
      for await (const { id } of outbox.parked())
        if (id !== 'c') assert.equal(await outbox[id === 'a' ? 'resend' : 'discard'](id), true);
      const [entry] = await delivered;
      assert.deepEqual([entry.id, entry.attempts], ['a', 2]);
      await outbox.drained();
      assert.deepEqual(
        (await all(outbox.parked())).map(({ id }) => id),
        ['c'],
      );
      for (const id of ['a', 'b', 'unknown']) {
        assert.equal(await outbox.resend(id), false);
        assert.equal(await outbox.discard(id), false);
      }
      for (const id of ids) assert.equal((await outbox.track.lead(lead('late'), { id })).duplicate, true);
      assert.equal(api.requests.length, 4);
    });

    test('parks what could not be delivered in time, and sends it if somebody says so', async (t) => {
      let failing = true;
      const api = await startApi(t, (request) => (failing ? refused(429) : ok(request)));
      const outbox = openOutbox(t, harness, api, { maxAge: 1 });
      const parked = once(outbox, 'parked');
      const { id } = await outbox.track.lead(lead());
      const [entry] = await parked;
      assert.equal(entry.reason, 'expired');
      failing = false;
      const again = once(outbox, 'delivered');
      await outbox.close();
      const patient = openOutbox(t, harness, api, { area: outbox.area });
      const delivered = Promise.race([again, once(patient, 'delivered')]);
      assert.equal(await patient.resend(id), true);
      assert.equal((await delivered)[0].id, id);
    });

    test('removes rejected entries after keepRejected, and no others', { timeout: 60_000 }, async (t) => {
      const api = await startApi(t, (_request, { clickId }) => refused(clickId === 'unknown' ? 400 : 500));
      const outbox = openOutbox(t, harness, api, { keepRejected: 1000 });
      const start = performance.now();
      await outbox.track.lead(lead('user_1'), { id: 'ambiguous' });
      await outbox.track.lead(lead('user_2', { clickId: 'unknown' }), { id: 'rejected' });
      await outbox.drained();
      while ((await outbox.stats()).parked > 1) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.ok(performance.now() - start >= 900);
      const parked = await all(outbox.parked());
      assert.deepEqual(
        parked.map(({ id }) => id),
        ['ambiguous'],
      );
      assert.equal((await outbox.track.lead(lead('user_2'), { id: 'rejected' })).duplicate, true);
    });

    test('lets two people decide at the same time', async (t) => {
      let failing = true;
      const api = await startApi(t, (request) => (failing ? refused(422) : ok(request)));
      const outbox = openOutbox(t, harness, api);
      const { id } = await outbox.track.lead(lead());
      await outbox.drained();
      failing = false;
      const decisions = await Promise.all([outbox.resend(id), outbox.resend(id), outbox.resend(id)]);
      assert.equal(decisions.filter(Boolean).length, 1);
      await outbox.drained();
      assert.equal(api.requests.length, 2);
    });
  });
}

module.exports = { parking };
