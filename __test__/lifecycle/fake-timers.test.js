'use strict';

// Test suites replace timers (jest.useFakeTimers, sinon, node:test); what they test goes on making calls.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { nativeOnly } = require('../support/engine.js');
const { stall } = require('../support/fault-behaviours.js');
const { startFaultServer } = require('../support/fault-server.js');
const { resolved } = require('../support/fault-table.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { runNode } = require('../support/run-node.js');

/** @type {Parameters<import('node:test').MockTimers['enable']>[0]} */
const EVERYTHING = { apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] };

it('a client can be closed under fake timers', async (t) => {
  const server = await startFaultServer([], { otherwise: stall() });
  t.after(() => server.close());
  const client = clientFor(server);
  t.mock.timers.enable(EVERYTHING);
  const call = rejectionOf(callKinds[0].send(client));
  await client.close({ timeout: 1 });
  assert.equal((await call).code, 'ABORTED');
});

describe('calls under fake timers are answered', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  it("node:test's", async (t) => {
    t.mock.timers.enable(EVERYTHING);
    for (const kind of callKinds) assert.deepEqual(await kind.send(clientFor(server)), resolved(kind.path));
  });

  for (const fakedFirst of [false, true]) {
    const when = `${fakedFirst ? 'before' : 'after'} the package is loaded`;
    /** @param {boolean} onlyTimers @param {Record<string, string>} env */
    const areAnswered =
      (onlyTimers, env = {}) =>
      async () => {
        const input = { url: server.url, fakedFirst, onlyTimers };
        const { hung, stdout, stderr } = await runNode('fake-timers.js', input, { env, hangAfter: 20_000 });
        assert.ok(!hung, `no call left: ${stderr}`);
        const expected = callKinds.map(({ path }) => JSON.parse(JSON.stringify(resolved(path))));
        assert.deepEqual(JSON.parse(stdout), expected);
      };
    it(`with everything faked ${when}`, { skip: nativeOnly('timers') }, areAnswered(false));
    // Node's own fetch does not work without process.nextTick and queueMicrotask.
    const old = fakedFirst && !process.getBuiltinModule && 'Node before 20.16 has no other way to its timers';
    it(`with timers faked ${when}, by the engine fetch`, { skip: old }, areAnswered(true, { REFPORT_ENGINE: 'fetch' }));
  }
});
