'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { describe, test } = require('node:test');
const { faultyLibc, noFaultyLibc } = require('../support/faulty-libc.js');
const { startOutbox } = require('../support/outbox-process.js');
const { lead, ok, refused, sale, startApi, temporaryFolder } = require('../support/outbox.js');

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** No wait here is longer than two seconds by the clock on the wall; loaded machines get ample time. */
const HANG = { timeout: 30_000, skip: noFaultyLibc };

/** How often each conversion was sent. @param {{ bodies: () => any[] }} api */
function sent(api) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { customerExternalId: id } of api.bodies()) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
}

describe('a clock that jumps', () => {
  for (const [direction, jump] of /** @type {const} */ ([
    ['forward', DAY],
    ['back', -DAY],
    ['back to before all times', -100 * YEAR],
  ])) {
    test(`${direction} makes no retry late, and sends nothing twice`, HANG, async (t) => {
      let isAway = true;
      const api = await startApi(t, (request) => (isAway ? refused(500) : ok(request)));
      const libc = faultyLibc(t);
      const file = path.join(temporaryFolder(t), 'outbox.db');
      const outbox = startOutbox(t, { url: api.url, file }, { env: libc.env });
      outbox.tell('sale', sale('retried', { invoiceId: 'in_1' }));
      outbox.tell('lead', lead('parked'), { id: 'lead' });
      await outbox.says('parked lead');
      while (api.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
      isAway = false;
      libc.setClock(jump);
      await outbox.says('delivered sale:in_1');
      outbox.tell('lead', lead('afterwards'), { id: 'afterwards' });
      await outbox.says('delivered afterwards');
      await outbox.close();
      assert.deepEqual(sent(api), { retried: 2, parked: 1, afterwards: 1 });
      assert.deepEqual(
        outbox.lines.filter((line) => line.startsWith('parked')),
        ['parked lead'],
      );
    });

    test(`${direction} makes no pause longer than the API asks for`, HANG, async (t) => {
      let isAway = true;
      const api = await startApi(t, (request) =>
        isAway ? refused(429, 'LIMIT', { 'Retry-After': '1' }) : ok(request),
      );
      const libc = faultyLibc(t);
      const file = path.join(temporaryFolder(t), 'outbox.db');
      const outbox = startOutbox(t, { url: api.url, file }, { env: libc.env });
      outbox.tell('lead', lead('waits'), { id: 'waits' });
      await outbox.says('paused');
      isAway = false;
      const start = performance.now();
      libc.setClock(jump);
      await outbox.says('delivered waits');
      assert.ok(performance.now() - start < 10_000);
      await outbox.close();
      assert.deepEqual(sent(api), { waits: 2 });
    });
  }

  test('beyond maxAge parks what waits, and resent it is delivered once', HANG, async (t) => {
    let isAway = true;
    const api = await startApi(t, (request) =>
      isAway ? refused(401, 'UNAUTHORIZED', { 'Retry-After-Ms': '20' }) : ok(request),
    );
    const libc = faultyLibc(t);
    const file = path.join(temporaryFolder(t), 'outbox.db');
    const options = { maxAge: 60_000 };
    const outbox = startOutbox(t, { url: api.url, file, options }, { env: libc.env });
    outbox.tell('lead', lead('waits'), { id: 'waits' });
    await outbox.says('paused');
    libc.setClock(DAY);
    await outbox.says('parked waits');
    libc.setClock(0);
    isAway = false;
    outbox.tell('resend', 'waits');
    await outbox.says('delivered waits');
    const delivered = api.requests.length;
    outbox.tell('stats');
    const stats = JSON.parse((await outbox.says('stats')).slice('stats '.length));
    assert.deepEqual(stats, { pending: 0, held: 0, sending: 0, parked: 0, foreign: 0, oldest: null });
    await outbox.close();
    assert.equal(api.requests.length, delivered);
  });

  test('does not make the outbox forget what was delivered', HANG, async (t) => {
    const api = await startApi(t);
    const libc = faultyLibc(t);
    const file = path.join(temporaryFolder(t), 'outbox.db');
    for (const [offset, duplicate] of /** @type {const} */ ([
      [0, false],
      [10 * YEAR, true],
      [-10 * YEAR, true],
    ])) {
      libc.setClock(offset);
      const outbox = startOutbox(t, { url: api.url, file }, { env: libc.env });
      outbox.tell('lead', lead(), { id: 'once' });
      const answer = (await outbox.says('lead')).slice('lead '.length);
      assert.deepEqual(JSON.parse(answer), { id: 'once', duplicate });
      outbox.tell('drained');
      await outbox.says('drained');
      await outbox.close();
    }
    assert.equal(api.requests.length, 1);
  });
});
