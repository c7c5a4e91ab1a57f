'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { all, lead, ok, once, openOutbox, refused, sale, startApi } = require('../support/outbox.js');

describe('parked entries', () => {
  test('are listed in order, however many, with what was recorded', async (t) => {
    const api = await startApi(t, () => refused(400, 'INVALID_CLICK_ID'));
    const outbox = openOutbox(t, api, { concurrency: 64 });
    const ids = [];
    for (let i = 0; i < 250; i += 1) ids.push((await outbox.track.lead(lead(`user_${i}`, { metadata: { i } }))).id);
    await outbox.drained();
    const parked = await all(outbox.parked());
    assert.deepEqual(
      parked.map(({ id }) => id),
      ids,
    );
    assert.deepEqual(parked[7].params, lead('user_7', { metadata: { i: 7 } }));
    assert.equal((await outbox.stats()).parked, 250);
  });

  test('may be resent and discarded while they are listed', async (t) => {
    let isAway = true;
    const api = await startApi(t, (request) => (isAway ? refused(422) : ok(request)));
    const outbox = openOutbox(t, api);
    for (let i = 0; i < 120; i += 1) await outbox.track.sale(sale(`user_${i}`));
    await outbox.drained();
    isAway = false;
    let seen = 0;
    for await (const { id } of outbox.parked()) {
      seen += 1;
      assert.equal(await (seen % 2 ? outbox.resend(id) : outbox.discard(id)), true);
    }
    assert.equal(seen, 120);
    await outbox.drained();
    assert.equal((await outbox.stats()).parked, 0);
    assert.equal(api.requests.length, 180);
  });

  test('only parked ones can be resent, and what has not been sent can be discarded, once', async (t) => {
    const api = await startApi(t, () => refused(401));
    const outbox = openOutbox(t, api);
    const paused = once(outbox, 'paused');
    const { id } = await outbox.track.lead(lead());
    await paused;
    for (const name of [id, 'unknown']) {
      assert.equal(await outbox.resend(name), false);
      while ((await outbox.stats()).sending > 0) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(await outbox.discard(name), name === id);
      assert.equal(await outbox.discard(name), false);
    }
  });

  test('a resent one keeps its attempts and its last error until it is delivered', async (t) => {
    const api = await startApi(t, () => refused(500));
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead(), { id: 'one' });
    await outbox.drained();
    await outbox.resend('one');
    await outbox.drained();
    const [entry] = await all(outbox.parked());
    assert.deepEqual([entry.id, entry.attempts, entry.error?.status], ['one', 2, 500]);
  });
});
