'use strict';

// A server that refuses a large body does not read it to its end: it answers, and closes. What counts is the answer. A reset
// throws away what is under way, so now and then nothing of the answer is left to be read.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { apiError } = require('../support/fault-behaviours.js');
const { startFaultServer } = require('../support/fault-server.js');
const { HANG } = require('../support/fault-table.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');

const CALLS = 20;
const metadata = { text: 'x'.repeat(10 * 1024 * 1024) };

const { onRequest: answer } = apiError(413, 'TOO_LARGE', 'Too large');
/** @type {import('../support/fault-behaviours.js').Fault} */
const refusal = {
  name: 'an early 413, and a reset',
  onHead: (exchange) => {
    answer(exchange);
    setImmediate(exchange.reset);
  },
};

it('an early 413 with a reset behind it is the 413', HANG, async (t) => {
  const server = await startFaultServer([], { otherwise: refusal });
  t.after(() => server.close());
  const client = clientFor(server, { maxRetries: 0 });
  const seen = [];
  for (let times = 0; times < CALLS; times += 1) {
    const lead = { clickId: 'c', eventName: 'e', customerExternalId: 'u', metadata };
    const { status, code, ambiguous } = await rejectionOf(client.track.lead(lead));
    if (status !== 0)
      assert.deepEqual({ status, code, ambiguous }, { status: 413, code: 'TOO_LARGE', ambiguous: false });
    seen.push(status);
  }
  assert.ok(seen.filter((status) => status === 413).length > CALLS / 2, `${seen}`);
});
