'use strict';

// An outbox that starts with 100 000 waiting entries never holds up the event loop for more than 5 ms, though it reads them all
// and begins to send. What other programs do to a process's timers is noise: the calmest of several starts counts.

const assert = require('node:assert/strict');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { it } = require('node:test');
const { lead, next, openOutbox, refused, startApi } = require('../support/outbox.js');

const ENTRIES = 100_000;
const STARTS = 20;
const LONGEST_MS = 5;

it('100 000 entries that wait at the start do not hold up the event loop', { timeout: 120_000 }, async (t) => {
  const api = await startApi(t, () => refused(401));
  const filled = openOutbox(t, api);
  for (let i = 0; i < ENTRIES; i += 10_000) {
    await Promise.all(Array.from({ length: 10_000 }, (_, n) => filled.track.lead(lead(`user_${i + n}`))));
  }
  await filled.close();

  /** @type {number[]} */
  const delays = [];
  for (let start = 0; start < STARTS; start += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const outbox = openOutbox(t, api, { file: filled.file });
    // Everything was read by then, and the first of it was sent.
    const paused = next(outbox, 'paused', 1);
    const { pending, sending } = await outbox.stats();
    await paused;
    delay.disable();
    assert.equal(pending + sending, ENTRIES);
    delays.push(delay.max / 1e6);
    await outbox.close({ timeout: 0 });
  }
  t.diagnostic(`longest delays of ${STARTS} starts: ${delays.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  assert.ok(Math.min(...delays) <= LONGEST_MS, `${delays} ms`);
});
