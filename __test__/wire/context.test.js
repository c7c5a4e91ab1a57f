'use strict';

// The asynchronous context of a call is there when it ends, though its result came in a batch with others'.

const assert = require('node:assert/strict');
const { AsyncLocalStorage } = require('node:async_hooks');
const { describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

describe('AsyncLocalStorage', () => {
  for (const entry of entries) {
    for (const endpoint of endpoints) {
      it(`${entry.name}, ${endpoint.name}: every caller finds its own store`, async (t) => {
        /** @param {import('../support/recording-server.js').RecordedRequest} request */
        const fails = ({ headers }) => headers['x-fail'] === 'yes';
        const server = await startRecordingServer((request) =>
          fails(request) ? { status: 400 } : { body: JSON.stringify(endpoint.answer) },
        );
        t.after(() => server.close());
        const client = clientOf(entry, server);
        const storage = new AsyncLocalStorage();

        /** The ways in which a call can end, and those in which a caller can wait for it. */
        const caller = async (/** @type {number} */ id) => {
          const invalid = id % 3 === 1;
          const headers = { 'X-Fail': id % 3 === 2 ? 'yes' : 'no' };
          const call = endpoint.call(client, invalid ? {} : endpoint.params, id % 2 ? { headers } : undefined);
          /** @type {unknown[]} */
          const stores = [];
          const note = () => stores.push(storage.getStore());
          await Promise.all([
            call.then(note, note),
            call.catch(() => {}).finally(note),
            entry.outcomeOf(call).then(note),
          ]);
          note();
          assert.deepEqual(stores, [id, id, id, id]);
        };
        await Promise.all(Array.from({ length: 60 }, (_, id) => storage.run(id, caller, id)));
        assert.equal(storage.getStore(), undefined);
      });
    }
  }
});
