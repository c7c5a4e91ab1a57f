'use strict';

// A batch is one text, and a JavaScript string has a longest length: what one turn of the event loop sends may be longer.

const assert = require('node:assert/strict');
const { getEventListeners } = require('node:events');
const { it } = require('node:test');
const { startCountingServer } = require('../support/counting-server.js');
const { lead } = require('../support/call-kinds.js');
const { clientFor } = require('../support/refport-client.js');

const CALLS = 56;
const SIZE = 10_000_000;

it('56 calls of 10 MB in one turn are all answered, and leave no listener', { timeout: 120_000 }, async (t) => {
  const server = await startCountingServer('http');
  t.after(() => server.close());
  const client = clientFor(server, { timeout: 100_000, maxConnections: 4 });
  const { signal } = new AbortController();
  const params = { ...lead, metadata: { text: 'x'.repeat(SIZE) } };
  const calls = Array.from({ length: CALLS }, () => client.track.lead(params, { signal }));
  const outcomes = await Promise.allSettled(calls);
  assert.deepEqual(
    outcomes.map((outcome) => ('reason' in outcome ? outcome.reason : outcome.status)),
    Array(CALLS).fill('fulfilled'),
  );
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
