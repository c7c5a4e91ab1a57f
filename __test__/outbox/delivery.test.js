'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { lead, next, ok, once, openOutbox, refused, sale, startApi } = require('../support/outbox.js');

describe('delivery', () => {
  test('sends what was recorded, to the byte, and tells of it', async (t) => {
    const api = await startApi(t);
    const outbox = openOutbox(t, api);
    const params = { ...sale('käufer \u{1f6d2}\ud800'), metadata: { 'a\tb': 'c\nd' } };
    const delivered = once(outbox, 'delivered');
    const { id } = await outbox.track.sale(params);
    const [entry, response] = await delivered;
    assert.equal(api.requests[0].path, '/api/track/sale');
    assert.equal(api.requests[0].body.toString(), JSON.stringify(params));
    assert.deepEqual(response, JSON.parse(ok(api.requests[0]).body));
    assert.ok(entry.recordedAt instanceof Date);
    assert.deepEqual(
      { ...entry, recordedAt: undefined },
      {
        id,
        call: 'sale',
        params: JSON.parse(JSON.stringify(params)),
        attempts: 1,
        recordedAt: undefined,
      },
    );
    await outbox.drained();
    assert.deepEqual(await outbox.stats(), { pending: 0, held: 0, sending: 0, parked: 0, foreign: 0, oldest: null });
  });

  test('keeps the order of each customer, and sends others side by side', async (t) => {
    const inFlight = new Map();
    let most = 0;
    const api = await startApi(t, async (request) => {
      const { customerExternalId } = JSON.parse(request.body.toString());
      assert.ok(!inFlight.get(customerExternalId), 'two of one customer at a time');
      inFlight.set(customerExternalId, true);
      most = Math.max(most, [...inFlight.values()].filter(Boolean).length);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight.set(customerExternalId, false);
      return ok(request);
    });
    const outbox = openOutbox(t, api, { concurrency: 4 });
    const recorded = [];
    for (let i = 0; i < 200; i += 1) {
      const customer = `user_${i % 10}`;
      recorded.push(outbox.track[i % 3 ? 'sale' : 'lead']({ ...sale(customer, { metadata: { i } }), eventName: 'x' }));
    }
    await Promise.all(recorded);
    await outbox.drained();
    const bodies = api.bodies();
    assert.equal(bodies.length, 200);
    for (let user = 0; user < 10; user += 1) {
      const order = bodies
        .filter(({ customerExternalId }) => customerExternalId === `user_${user}`)
        .map(({ metadata }) => metadata.i);
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }
    assert.ok(most > 1 && most <= 4, `${most} at a time`);
  });

  test('a lead goes before its sale although it has to be sent twice', async (t) => {
    let answers = 0;
    const api = await startApi(t, (request) => {
      answers += 1;
      return answers === 1 ? refused(429, 'RATE_LIMIT_EXCEEDED', { 'retry-after-ms': '10' }) : ok(request);
    });
    const outbox = openOutbox(t, api);
    await Promise.all([outbox.track.lead(lead()), outbox.track.sale(sale('user_1', { invoiceId: 'in_1' }))]);
    await outbox.drained();
    assert.deepEqual(
      api.requests.map(({ path }) => path),
      ['/api/track/lead', '/api/track/lead', '/api/track/sale'],
    );
  });

  test('a parked entry does not hold up its customer', async (t) => {
    const api = await startApi(t, (request) =>
      JSON.parse(request.body.toString()).clickId === 'unknown' ? refused(400, 'INVALID_CLICK_ID') : ok(request),
    );
    const outbox = openOutbox(t, api);
    const parked = next(outbox, 'parked', 1);
    await Promise.all([outbox.track.lead(lead('user_1', { clickId: 'unknown' })), outbox.track.sale(sale('user_1'))]);
    await outbox.drained();
    const [[entry, error]] = await parked;
    assert.deepEqual([entry.call, entry.reason, error.code], ['lead', 'rejected', 'INVALID_CLICK_ID']);
    assert.deepEqual(
      api.requests.map(({ path }) => path),
      ['/api/track/lead', '/api/track/sale'],
    );
  });
});
