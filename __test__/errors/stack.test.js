'use strict';

// An error tracker groups failures by their stacks: that of a rejection has the application's functions that await the call.

const assert = require('node:assert/strict');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { after, before, describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

/**
 * @typedef {() => Promise<any>} Call
 * @typedef {import('../support/endpoints.js').Entry['outcomeOf']} OutcomeOf
 */

/** @param {Call} call @param {OutcomeOf} outcomeOf */
async function handleSignUp(call, outcomeOf) {
  const { error } = await outcomeOf(call());
  if (error) throw error;
}

/** @param {Call} call @param {OutcomeOf} outcomeOf */
async function handleRequest(call, outcomeOf) {
  await handleSignUp(call, outcomeOf);
}

/** @param {Call} call @param {OutcomeOf} outcomeOf */
const stackOf = (call, outcomeOf) =>
  handleRequest(call, outcomeOf).then(
    () => assert.fail('it resolved'),
    ({ stack }) => stack,
  );

describe("the stack of a rejection shows the application's functions", () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(() => ({ status: 400, body: '{"error":{"code":"NO","message":"refused"}}' }));
  });
  after(() => server.close());

  const onStart = () => {};
  for (const entry of entries) {
    for (const endpoint of endpoints) {
      for (const [how, options, isObserved] of /** @type {const} */ ([
        ['', undefined, false],
        [' with options', { timeout: 5000 }, false],
        [' while observed', undefined, true],
      ])) {
        it(`${entry.name}, ${endpoint.name}${how}`, async () => {
          if (isObserved) subscribe('tracing:refport:request:start', onStart);
          const client = clientOf(entry, server);
          const stack = await stackOf(() => endpoint.call(client, endpoint.params, options), entry.outcomeOf);
          unsubscribe('tracing:refport:request:start', onStart);
          assert.match(stack, /RefportValidationError: refused\n(.*\n)*.* async handleSignUp .*stack\.test\.js/);
          assert.match(stack, /async handleRequest .*stack\.test\.js/);
        });
      }
    }
  }
});
