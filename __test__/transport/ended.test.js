'use strict';

// A server that ends each connection after its answer: the next call finds that out and opens another one, at once and
// without spending a retry.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { lead } = require('../support/call-kinds.js');
const faults = require('../support/fault-behaviours.js');
const { startFaultServer } = require('../support/fault-server.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor } = require('../support/refport-client.js');

const CALLS = 10;

it('a connection that has ended costs the next call no time', HANG, async (t) => {
  const whole = (/** @type {string} */ body) => faults.head(200, { 'Content-Length': body.length }) + body;
  const server = await startFaultServer([], { otherwise: faults.misframed('answer and end', whole, 'end') });
  t.after(() => server.close());
  const client = clientFor(server, { maxRetries: 0 });
  const start = performance.now();
  for (let i = 0; i < CALLS; i += 1) {
    await client.track.lead(lead);
    await server.drained();
  }
  assert.ok(performance.now() - start < CALLS * 100, `${Math.round(performance.now() - start)} ms`);
  assert.equal(server.requests.length, CALLS);
});
