'use strict';

const assert = require('node:assert/strict');
const net = require('node:net');
const { describe, test } = require('node:test');
const { lead, next, ok, once, openOutbox, refused, sale, startApi } = require('../support/outbox.js');
const { startFaultServer } = require('../support/fault-server.js');

describe('while the API is away', () => {
  test('the outbox waits, tries one at a time, and delivers everything when it is back', async (t) => {
    const placeholder = net.createServer();
    placeholder.listen(0, '127.0.0.1');
    await once(placeholder, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (placeholder.address());
    placeholder.close();
    await once(placeholder, 'close');

    const outbox = openOutbox(t, { url: `http://127.0.0.1:${port}` });
    const paused = next(outbox, 'paused', 2);
    const before = Date.now();
    await Promise.all(Array.from({ length: 20 }, (_, i) => outbox.track.lead(lead(`user_${i}`))));
    // Keeps this process alive, which an outbox does not do by itself.
    const drained = outbox.drained();
    const [[first], [second]] = await paused;
    assert.equal(first.error.cause.code, 'ECONNREFUSED');
    assert.ok(first.until.getTime() >= before + 500 && first.until.getTime() <= Date.now() + 1000);
    assert.ok(second.until > first.until);
    assert.deepEqual(await outbox.stats().then(({ parked, pending }) => [parked, pending]), [0, 20]);

    const server = await startFaultServer([], { port });
    t.after(() => server.close());
    await once(outbox, 'resumed');
    await drained;
    const sent = server.requests.filter(({ path }) => path.startsWith('/api/track/'));
    assert.equal(sent.length, 20, 'each was counted once');
  });

  test('Retry-After is obeyed for the whole outbox', async (t) => {
    let answeredAt = 0;
    /** @type {number[]} */
    const times = [];
    const api = await startApi(t, (request) => {
      if (request.path === '/api/embed/token') return refused(422);
      times.push(Date.now());
      if (answeredAt !== 0) return ok(request);
      answeredAt = Date.now();
      return refused(429, 'RATE_LIMIT_EXCEEDED', { 'Retry-After': '1' });
    });
    const outbox = openOutbox(t, api, { concurrency: 1 });
    const paused = once(outbox, 'paused');
    await outbox.track.lead(lead('user_1'));
    await outbox.track.lead(lead('user_2'));
    const [{ error, until }] = await paused;
    assert.deepEqual([error.name, error.retryAfter], ['RefportRateLimitError', 1]);
    assert.ok(Math.abs(until.getTime() - answeredAt - 1000) < 250);
    await outbox.drained();
    assert.ok(times[1] - times[0] >= 1000, `${times[1] - times[0]} ms`);
    assert.equal(times.length, 3);
  });

  for (const status of [401, 403]) {
    test(`${status} pauses it and parks nothing`, async (t) => {
      let isAccepted = false;
      const api = await startApi(t, (request) => (isAccepted ? ok(request) : refused(status)));
      const outbox = openOutbox(t, api);
      const paused = once(outbox, 'paused');
      await Promise.all(Array.from({ length: 10 }, (_, i) => outbox.track.lead(lead(`user_${i}`))));
      const [{ error }] = await paused;
      assert.equal(error.status, status);
      const sent = api.requests.length;
      assert.ok(sent <= 8);
      isAccepted = true;
      await once(outbox, 'resumed');
      await outbox.drained();
      assert.equal((await outbox.stats()).parked, 0);
      assert.equal(api.requests.length, sent + 10);
    });
  }

  test('eight failures in a row are an outage, one bad entry is none, and the probe creates nothing', async (t) => {
    let isAway = false;
    const api = await startApi(t, (request) => {
      const { invoiceId } = JSON.parse(request.body.toString());
      return isAway || invoiceId === 'bad' ? refused(500) : ok(request);
    });
    const outbox = openOutbox(t, api, { concurrency: 1 });
    /** @type {string[]} */
    const events = [];
    outbox.on('paused', () => events.push('paused'));
    const delivered = next(outbox, 'delivered', 20);
    await outbox.track.sale(sale('user_bad', { invoiceId: 'bad' }));
    for (let i = 0; i < 20; i += 1) await outbox.track.lead(lead(`user_${i}`));
    await delivered;
    assert.deepEqual(events, [], 'the others went on');
    isAway = true;
    const paused = next(outbox, 'paused', 2);
    const before = api.requests.length;
    for (let i = 0; i < 20; i += 1) await outbox.track.sale(sale(`buyer_${i}`, { invoiceId: `in_${i}` }));
    await paused;
    assert.ok(api.requests.length - before <= 9, 'one more than eight: the bad one');
    assert.ok(api.probes.length >= 1);
    assert.ok(api.probes.every(({ body }) => body.toString() === '{}'));
  });

  test('Retry-After of a year is an hour, and resume() ends the pause', async (t) => {
    const api = await startApi(t, () => refused(429, 'LIMIT', { 'Retry-After': '31536000' }));
    const outbox = openOutbox(t, api);
    const paused = once(outbox, 'paused');
    await outbox.track.lead(lead());
    const [{ until }] = await paused;
    assert.ok(until.getTime() <= Date.now() + 3_600_000);
    api.answer = ok;
    assert.equal(await outbox.resume(), true);
    await outbox.drained();
    assert.equal(await outbox.resume(), false);
  });
});
