'use strict';

// Parameters and options are read by calling what the caller put there. A signal that fires meanwhile is honoured.

const assert = require('node:assert/strict');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { getEventListeners } = require('node:events');
const { after, before, describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { assertError } = require('../support/refport-client.js');

/** @type {Record<string, (abort: () => void) => { params?: object, options?: object, end?: () => void }>} */
const moments = {
  'in toJSON': (abort) => ({ params: { metadata: { toJSON: abort } } }),
  'in a getter of the parameters': (abort) => ({
    params: {
      get metadata() {
        return abort();
      },
    },
  }),
  'in a getter of the headers': (abort) => ({
    options: {
      headers: {
        get 'X-Trace'() {
          abort();
          return '1';
        },
      },
    },
  }),
  'in a subscriber': (abort) => {
    subscribe('tracing:refport:request:start', abort);
    return { end: () => unsubscribe('tracing:refport:request:start', abort) };
  },
};

describe('a signal that fires before the call has left', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  for (const entry of entries) {
    for (const endpoint of endpoints) {
      for (const [moment, at] of Object.entries(moments)) {
        it(`${moment}: nothing is sent · ${entry.name}, ${endpoint.name}`, async (t) => {
          const controller = new AbortController();
          const reason = new Error('changed my mind');
          const { params, options, end } = at(() => controller.abort(reason));
          t.after(() => end?.());
          const given = Object.create(endpoint.params, Object.getOwnPropertyDescriptors(params ?? {}));
          for (const name of Object.keys(endpoint.params)) given[name] = endpoint.params[name];
          const call = endpoint.call(clientOf(entry, server), given, { signal: controller.signal, ...options });
          const { error } = await entry.outcomeOf(call);
          assertError(error, { name: 'RefportAbortError', code: 'ABORTED', status: 0 });
          assert.equal(error.cause, reason);
          assert.deepEqual([error.attempts, error.ambiguous], [0, false]);
          assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
          assert.equal(server.connections, 0);
        });
      }
    }
  }
});
