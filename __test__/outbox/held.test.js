'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { all, lead, ok, once, openOutbox, refused, sale, startApi } = require('../support/outbox.js');

const HOUR = 3_600_000;

describe('a conversion that is held', () => {
  test('is sent when it is due, and holds up nobody', async (t) => {
    const api = await startApi(t);
    const outbox = openOutbox(t, api);
    const start = Date.now();
    await outbox.track.sale(sale('user_1', { invoiceId: 'in_1' }), { deliverAfter: 700 });
    await outbox.track.lead(lead('user_1'));
    await outbox.drained();
    assert.deepEqual(
      api.requests.map(({ path }) => path),
      ['/api/track/lead'],
    );
    assert.equal((await outbox.stats()).held, 1);
    await once(outbox, 'delivered');
    assert.ok(Date.now() - start >= 700);
    assert.equal(api.requests.length, 2);
  });

  test('was never sent if it is discarded before', async (t) => {
    const api = await startApi(t);
    const outbox = openOutbox(t, api);
    await outbox.track.sale(sale('user_1', { invoiceId: 'in_1' }), { deliverAfter: new Date(Date.now() + HOUR) });
    assert.equal(await outbox.discard('sale:in_1'), true);
    assert.equal(await outbox.discard('sale:in_1'), false);
    assert.equal((await outbox.stats()).held, 0);
    await outbox.close();
    assert.equal(api.requests.length, 0);
  });

  test('cannot be discarded once it was sent', async (t) => {
    const api = await startApi(t);
    const outbox = openOutbox(t, api);
    await outbox.track.sale(sale('user_1', { invoiceId: 'in_1' }), { deliverAfter: 1 });
    await once(outbox, 'delivered');
    assert.equal(await outbox.discard('sale:in_1'), false);
  });
});

describe('retryAmbiguous', () => {
  test('of one entry sends it again although it may have been counted', async (t) => {
    let isFirst = true;
    const api = await startApi(t, (request) => {
      const isRefused = isFirst && JSON.parse(request.body.toString()).customerExternalId === 'at least once';
      if (isRefused) isFirst = false;
      return isRefused ? refused(500) : ok(request);
    });
    const outbox = openOutbox(t, api);
    const delivered = once(outbox, 'delivered');
    await outbox.track.lead(lead('at least once'), { retryAmbiguous: true });
    const [entry] = await delivered;
    assert.equal(entry.attempts, 2);
    api.answer = () => refused(500);
    const parked = once(outbox, 'parked');
    await outbox.track.lead(lead('at most once'));
    assert.equal((await parked)[0].reason, 'ambiguous');
  });
});

describe('erase()', () => {
  test('removes what is stored about a customer', async (t) => {
    const api = await startApi(t, () => refused(400));
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead('user_1'));
    await outbox.track.lead(lead('user_2'));
    await outbox.track.sale(sale('user_1', { invoiceId: 'in_1' }), { deliverAfter: HOUR });
    await outbox.drained();
    assert.equal(await outbox.erase('user_1'), 2);
    const left = await all(outbox.parked());
    assert.deepEqual(
      left.map(({ params }) => params.customerExternalId),
      ['user_2'],
    );
    assert.equal((await outbox.stats()).held, 0);
  });
});
