'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { clientFor, rejectionOf } = require('../refport-client.js');
const { all, lead, ok, openOutbox, refused, sale, startApi } = require('./setting.js');

/** @param {import('./setting.js').Harness} harness */
function recording(harness) {
  describe(`${harness.name}: recording`, () => {
    test('delivers what was recorded, to the byte, and tells of it', async (t) => {
      const api = await startApi(t);
      const outbox = openOutbox(t, harness, api);
      const params = { ...sale('käufer \u{1f6d2}\ud800\u0000'), metadata: { z: 'c\nd', 'a\tb': null, 10: [1e21] } };
      const delivered = once(outbox, 'delivered');
      const before = Date.now();
      const recorded = await outbox.track.sale(params);
      assert.deepEqual(Object.keys(recorded).sort(), ['duplicate', 'id']);
      const [entry, response] = await delivered;
      assert.equal(api.requests[0].path, '/api/track/sale');
      assert.equal(api.requests[0].body.toString(), JSON.stringify(params));
      assert.deepEqual(response, JSON.parse(ok(api.requests[0]).body));
      const { recordedAt, ...rest } = entry;
      assert.ok(recordedAt >= before - 1 && recordedAt <= Date.now());
      const { id } = recorded;
      assert.deepEqual(rest, { id, call: 'sale', params: JSON.parse(JSON.stringify(params)), attempts: 1 });
      await outbox.drained();
      assert.deepEqual(await outbox.stats(), { pending: 0, held: 0, sending: 0, parked: 0, foreign: 0, oldest: null });
    });

    test('refuses what the client refuses, with the same errors, and records nothing', async (t) => {
      const api = await startApi(t);
      const outbox = openOutbox(t, harness, api);
      const refport = clientFor(api);
      const cyclic = { ...lead() };
      Object.assign(cyclic, { metadata: cyclic });
      const bad = [undefined, null, 1, {}, { ...lead(), clickId: '' }, { ...lead(), eventName: 7 }, [], cyclic];
      const badSales = [
        { ...sale(), amount: '1' },
        { ...sale(), amount: Number.NaN },
        { ...sale(), clickId: null },
      ];
      for (const [call, params] of /** @type {['lead' | 'sale', any][]} */ ([
        ...bad.map((value) => ['lead', value]),
        ...[...bad, ...badSales].map((value) => ['sale', value]),
      ])) {
        const ours = await rejectionOf(outbox.track[call](params));
        const theirs = await rejectionOf(refport.track[call](params));
        assert.equal(`${ours.name} ${ours.code}: ${ours.message}`, `${theirs.name} ${theirs.code}: ${theirs.message}`);
      }
      assert.equal((await outbox.stats()).pending, 0);
      assert.equal(api.requests.length, 0);
    });

    test('knows an id that was recorded before, also after delivery', async (t) => {
      const api = await startApi(t);
      const outbox = openOutbox(t, harness, api);
      const ids = ['webhook:1', '42', '%3A', 'ä'.repeat(500)];
      for (const id of ids) assert.deepEqual(await outbox.track.lead(lead(), { id }), { id, duplicate: false });
      const both = await Promise.all([1, 2].map(() => outbox.track.lead(lead('user_2'), { id: 'both' })));
      assert.deepEqual(both.map(({ duplicate }) => duplicate).sort(), [false, true]);
      for (const id of ids) assert.deepEqual(await outbox.track.lead(lead('other'), { id }), { id, duplicate: true });
      await outbox.drained();
      for (const id of ids) assert.deepEqual(await outbox.track.sale(sale(), { id }), { id, duplicate: true });
      await outbox.drained();
      assert.equal(api.requests.length, ids.length + 1);
      for (const id of ['', 'x'.repeat(501), 1, null]) {
        assert.match((await rejectionOf(outbox.track.lead(lead(), { id }))).message, /^id must/);
      }
    });

    test('names a sale after its invoice, and everything else by chance', async (t) => {
      const api = await startApi(t);
      const outbox = openOutbox(t, harness, api);
      const invoice = sale('user_1', { invoiceId: 'in_1' });
      assert.deepEqual(await outbox.track.sale(invoice), { id: 'sale:in_1', duplicate: false });
      assert.deepEqual(await outbox.track.sale(invoice), { id: 'sale:in_1', duplicate: true });
      assert.notEqual((await outbox.track.sale(sale())).id, (await outbox.track.sale(sale())).id);
      await outbox.drained();
      assert.equal(api.requests.length, 3);
    });

    test('stays open if it is to be closed with a bad timeout', async (t) => {
      const api = await startApi(t);
      const outbox = openOutbox(t, harness, api);
      for (const timeout of [-1, 'soon']) {
        assert.match((await rejectionOf(outbox.close({ timeout }))).message, /^timeout must be/);
      }
      await outbox.track.lead(lead());
      await outbox.close();
      assert.equal((await rejectionOf(outbox.track.lead(lead()))).code, 'CLOSED');
    });

    test('refuses an id with half of a surrogate pair', async (t) => {
      const outbox = openOutbox(t, harness, await startApi(t));
      for (const id of ['\ud800', 'a\udc00b']) {
        assert.match((await rejectionOf(outbox.track.lead(lead(), { id }))).message, /half of a surrogate pair/);
      }
      assert.equal((await outbox.track.lead(lead(), { id: '\u{1f6d2}' })).duplicate, false);
    });

    test('keeps what waits over a restart, and takes nothing once it is closed', async (t) => {
      const api = await startApi(t, () => refused(503, 'AWAY', { 'Retry-After': '1' }));
      const first = openOutbox(t, harness, api);
      const { id } = await first.track.lead(lead());
      await once(first, 'paused');
      const { pending, sending, oldest } = await first.stats();
      assert.equal(pending + sending, 1);
      assert.ok(oldest && Date.now() - oldest.getTime() < 60_000);
      await first.close();
      await first.close();
      const uses = [first.track.lead(lead()), first.resend(id), first.discard(id), first.stats(), first.drained()];
      for (const use of [...uses, all(first.parked())]) assert.equal((await rejectionOf(use)).code, 'CLOSED');
      for (const event of ['delivered', 'parked', 'paused', 'resumed']) first.on(event, () => {});

      api.answer = ok;
      const second = openOutbox(t, harness, api, { area: first.area });
      const [entry] = await once(second, 'delivered');
      assert.equal(entry.id, id);
    });
  });
}

module.exports = { recording };
