'use strict';

const assert = require('node:assert/strict');
const { channel } = require('node:diagnostics_channel');
const { test } = require('node:test');
const { lead, ok, openOutbox, refused, startApi } = require('../support/outbox.js');

test('the channels tell of what is recorded, delivered and parked, without parameters', async (t) => {
  /** @type {[name: string, message: any][]} */
  const seen = [];
  for (const name of ['recorded', 'delivered', 'parked']) {
    const watched = channel(`refport:outbox:${name}`);
    const listener = (/** @type {unknown} */ message) => seen.push([name, message]);
    watched.subscribe(listener);
    t.after(() => watched.unsubscribe(listener));
  }
  const api = await startApi(t, (request) =>
    JSON.parse(request.body.toString()).clickId === 'unknown' ? refused(400, 'INVALID_CLICK_ID') : ok(request),
  );
  const outbox = openOutbox(t, api);
  await outbox.track.lead(lead('secret customer'), { id: 'one' });
  await outbox.track.lead(lead('secret customer', { clickId: 'unknown' }), { id: 'two' });
  await outbox.track.lead(lead('secret customer'), { id: 'one' });
  await outbox.drained();
  await outbox.stats();
  assert.ok(!JSON.stringify(seen).includes('secret customer'));
  const of = (/** @type {string} */ name) => seen.filter(([kind]) => kind === name).map(([, message]) => message);
  assert.deepEqual(of('recorded'), [
    { id: 'one', call: 'lead', duplicate: false },
    { id: 'two', call: 'lead', duplicate: false },
    { id: 'one', call: 'lead', duplicate: true },
  ]);
  const [delivered, ...more] = of('delivered');
  assert.deepEqual([delivered.id, delivered.call, delivered.attempts, more.length], ['one', 'lead', 1, 0]);
  assert.ok(delivered.recordedAt instanceof Date && delivered.waited >= 0);
  const [parked] = of('parked');
  assert.deepEqual(
    [parked.id, parked.reason, parked.code, parked.status],
    ['two', 'rejected', 'INVALID_CLICK_ID', 400],
  );
});
