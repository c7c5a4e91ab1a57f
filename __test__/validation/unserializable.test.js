'use strict';

// A value that JSON cannot hold is refused before anything is sent, by the name of the field that has it.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { inspect } = require('node:util');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { assertError } = require('../support/refport-client.js');

const cycle = () => {
  const value = { inner: [/** @type {any} */ (null)] };
  value.inner[0] = value;
  return value;
};
const thrower = () => {
  throw new Error('reading is\nnot possible');
};

/** @type {Record<string, () => unknown>} */
const values = {
  'a BigInt': () => 4900n,
  'a BigInt deep down': () => ({ a: [{ b: 1n }] }),
  'a boxed BigInt': () => Object(1n),
  'a cycle': cycle,
  'a cycle deep down': () => [[{ a: cycle() }]],
  'a toJSON that throws': () => ({ toJSON: thrower }),
  'a getter that throws': () => Object.defineProperty({}, 'secret', { enumerable: true, get: thrower }),
  'a proxy that throws': () => new Proxy({}, { ownKeys: thrower }),
  'more depth than there is stack': () => Array.from({ length: 100_000 }).reduce((inner) => [inner], 'core'),
};

describe('values that JSON cannot hold', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  // Of all the calls in this file, none may have reached the server.
  after(async () => {
    assert.deepEqual([server.connections, server.requests.length], [0, 0]);
    await server.close();
  });

  for (const entry of entries) {
    /**
     * @param {import('../support/endpoints.js').Endpoint} endpoint
     * @param {unknown} params
     * @param {RegExp} message
     */
    async function assertRefused(endpoint, params, message) {
      const { error } = await entry.outcomeOf(endpoint.call(clientOf(entry, server), params));
      assertError(error, { name: 'RefportValidationError', code: 'VALIDATION_ERROR', status: 422, message });
      assert.equal(error.constructor, entry.sdk.RefportValidationError);
      assert.equal(error.attempts, 0);
      assert.ok(!error.message.includes('\n'), error.message);
      return error;
    }

    for (const endpoint of endpoints) {
      for (const [name, make] of Object.entries(values)) {
        it(`${entry.name}, ${endpoint.name}: ${name}`, async () => {
          for (const field of [...Object.keys(endpoint.params), 'metadata', 'brandNew']) {
            const params = { ...endpoint.params, [field]: make() };
            const error = await assertRefused(endpoint, params, new RegExp(`^${field} cannot be sent as JSON: .`));
            assert.ok(error.cause instanceof Error, inspect(error.cause));
          }
        });
      }

      it(`${entry.name}, ${endpoint.name}: parameters that hold themselves`, async () => {
        const params = { ...endpoint.params, self: {} };
        params.self = params;
        await assertRefused(endpoint, params, /^self cannot be sent as JSON: .*circular/i);
      });

      it(`${entry.name}, ${endpoint.name}: parameters whose own toJSON or getter throws`, async () => {
        await assertRefused(
          endpoint,
          { ...endpoint.params, toJSON: thrower },
          /^params cannot be sent as JSON: reading is$/,
        );
        const getter = Object.defineProperty({ ...endpoint.params }, 'customerName', {
          enumerable: true,
          get: thrower,
        });
        await assertRefused(endpoint, getter, /^customerName cannot be sent as JSON: reading is$/);
      });
    }

    it(`${entry.name}, embedTokens.create: within partner`, async () => {
      for (const make of Object.values(values)) {
        await assertRefused(
          endpoints[2],
          { partner: { email: 'a@b.test', name: make() } },
          /^partner cannot be sent as JSON: ./,
        );
      }
    });
  }
});
