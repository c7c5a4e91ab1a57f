'use strict';

// Amounts that JSON cannot hold, and those that look like dollars where cents are meant.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { describe, it } = require('node:test');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');

const sale = { clickId: 'c', customerExternalId: 'u' };

describe('the amount of a sale', () => {
  for (const amount of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`is called what it is: ${amount}`, HANG, async (t) => {
      const server = await startFaultServer();
      t.after(() => server.close());
      const error = await rejectionOf(clientFor(server).track.sale({ ...sale, amount }));
      const message = new RegExp(`^amount must be a number in the smallest unit .+, not ${amount}$`);
      assertError(error, { name: 'RefportValidationError', code: 'VALIDATION_ERROR', status: 422, message });
      assert.equal(server.connections.opened, 0);
    });
  }

  it('with a fraction is one process warning, and sent', HANG, async (t) => {
    const server = await startFaultServer();
    t.after(() => server.close());
    /** @type {(Error & { code?: string })[]} */
    const warnings = [];
    const record = (/** @type {Error} */ warning) => warnings.push(warning);
    process.on('warning', record);
    t.after(() => process.off('warning', record));
    const client = clientFor(server);
    const warned = once(process, 'warning');
    await client.track.sale({ ...sale, amount: 4900 });
    await client.track.sale({ ...sale, amount: 49.99 });
    await client.track.sale({ ...sale, amount: 0.5 });
    const [{ message }] = await warned;
    assert.match(message, /smallest unit/);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['REFPORT_AMOUNT_FRACTION'],
    );
    assert.deepEqual(
      server.requests.map(({ body }) => JSON.parse(String(body)).amount),
      [4900, 49.99, 0.5],
    );
  });
});
