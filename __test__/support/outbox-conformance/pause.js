'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, test } = require('node:test');
const { lead, ok, openOutbox, refused, sale, startApi } = require('./setting.js');

/** @param {import('./setting.js').Harness} harness */
function pause(harness) {
  describe(`${harness.name}: pause`, () => {
    test('a 429 stops the whole outbox for as long as it says, in every process', async (t) => {
      let asked = 0;
      let tooEarly = 0;
      const api = await startApi(t, (request) => {
        if (asked === 0) {
          asked = Date.now();
          return refused(429, 'LIMIT', { 'Retry-After': '1' });
        }
        if (Date.now() - asked < 990) tooEarly += 1;
        return ok(request);
      });
      const first = openOutbox(t, harness, api, { concurrency: 1 });
      const paused = once(first, 'paused');
      await first.track.lead(lead('user_0'));
      const [{ error, until }] = await paused;
      assert.equal(error.status, 429);
      assert.ok(until.getTime() - asked > 900 && until.getTime() - asked < 1500, `${until.getTime() - asked} ms`);
      const second = openOutbox(t, harness, api, { area: first.area });
      for (let i = 1; i < 20; i += 1) await (i % 2 ? first : second).track.lead(lead(`user_${i}`));
      await second.drained();
      assert.equal(tooEarly, 0);
      assert.equal(api.requests.length, 21);
    });

    test('while the API is away one entry at a time tries, and then all are delivered', async (t) => {
      let isAway = true;
      let inFlight = 0;
      let most = 0;
      const api = await startApi(t, async (request) => {
        inFlight += 1;
        if (isAway) most = Math.max(most, inFlight);
        await new Promise((resolve) => setTimeout(resolve, 20));
        inFlight -= 1;
        return isAway ? refused(503, 'AWAY', { 'Retry-After': '0' }) : ok(request);
      });
      const outbox = openOutbox(t, harness, api, { concurrency: 1 });
      await outbox.track.sale(sale('user_0', { invoiceId: 'in_0' }));
      await once(outbox, 'paused');
      const other = openOutbox(t, harness, api, { area: outbox.area });
      for (let i = 1; i < 20; i += 1) await other.track.sale(sale(`user_${i}`, { invoiceId: `in_${i}` }));
      while (api.requests.length + api.probes.length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(most, 1);
      const resumed = Promise.race([once(outbox, 'resumed'), once(other, 'resumed')]);
      isAway = false;
      await resumed;
      await other.drained();
      assert.equal(new Set(api.bodies().map(({ invoiceId }) => invoiceId)).size, 20);
    });

    test('an outage costs the leads that are on the wire and three in a row, and probes cost none', async (t) => {
      let isAway = true;
      const api = await startApi(t, (request) => (isAway ? refused(500) : ok(request)));
      const outbox = openOutbox(t, harness, api, { concurrency: 4 });
      const paused = pauses(outbox, 3);
      await outbox.stats();
      await Promise.all(Array.from({ length: 40 }, (_, i) => outbox.track.lead(lead(`user_${i}`))));
      await paused;
      const lost = (await outbox.stats()).parked;
      assert.ok(lost >= 3 && lost <= 6, `${lost} leads`);
      isAway = false;
      await outbox.drained();
      assert.equal((await outbox.stats()).parked, lost);
      assert.equal(api.requests.length, 40);
    });

    test('where only conversions fail, each wait costs one lead', async (t) => {
      let isAway = true;
      const api = await startApi(t, (request) => {
        if (request.path === '/api/embed/token') return refused(422, 'VALIDATION_ERROR');
        return isAway ? refused(500) : ok(request);
      });
      const outbox = openOutbox(t, harness, api, { concurrency: 4 });
      /** @type {number[]} requests until each pause */
      const sent = [];
      outbox.on('paused', () => sent.push(api.requests.length));
      const paused = pauses(outbox, 3);
      await outbox.stats();
      await Promise.all(Array.from({ length: 40 }, (_, i) => outbox.track.lead(lead(`user_${i}`))));
      await paused;
      const [first = 0, ...later] = sent;
      assert.deepEqual(later, [api.requests.length - 1, api.requests.length]);
      assert.ok(first <= 6, `${first} leads`);
      isAway = false;
      await outbox.drained();
      assert.equal(api.requests.length, 40);
    });

    test('an API that fails a fifth of all requests is not away', { timeout: 60_000 }, async (t) => {
      let count = 0;
      const api = await startApi(t, (request) => (++count % 5 === 0 ? refused(500) : ok(request)));
      const outbox = openOutbox(t, harness, api);
      outbox.on('paused', () => assert.fail('it is not away'));
      await outbox.stats();
      const sales = Array.from({ length: 300 }, (_, i) => sale(`user_${i}`, { invoiceId: `in_${i}` }));
      await Promise.all(sales.map((params) => outbox.track.sale(params)));
      await outbox.drained();
      assert.equal(new Set(api.bodies().map(({ invoiceId }) => invoiceId)).size, 300);
      assert.equal((await outbox.stats()).parked, 0);
    });

    test('a key that is not accepted pauses it and loses nothing', async (t) => {
      let isWrong = true;
      const api = await startApi(t, (request) => (isWrong ? refused(401, 'UNAUTHORIZED') : ok(request)));
      const outbox = openOutbox(t, harness, api);
      const paused = once(outbox, 'paused');
      for (let i = 0; i < 10; i += 1) await outbox.track.lead(lead(`user_${i}`));
      assert.equal((await paused)[0].error.status, 401);
      isWrong = false;
      await outbox.drained();
      assert.equal((await outbox.stats()).parked, 0);
    });
  });
}

/** Resolves after so many pauses. @param {import('node:events').EventEmitter} outbox @param {number} count */
function pauses(outbox, count) {
  let seen = 0;
  return new Promise((resolve) => {
    outbox.on('paused', () => {
      seen += 1;
      if (seen === count) resolve(undefined);
    });
  });
}

module.exports = { pause };
