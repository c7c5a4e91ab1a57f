'use strict';

// Test suites replace timers (jest.useFakeTimers, sinon, node:test); what they test goes on making calls.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { resolved } = require('../support/fault-table.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { clientFor } = require('../support/refport-client.js');
const { runNode } = require('../support/run-node.js');

describe('calls under fake timers are answered', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  it("node:test's", async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });
    for (const kind of callKinds) assert.deepEqual(await kind.send(clientFor(server)), resolved(kind.path));
  });

  for (const fakedFirst of [false, true]) {
    it(`with everything faked ${fakedFirst ? 'before' : 'after'} the package is loaded`, async () => {
      const { hung, stdout, stderr } = await runNode(
        'fake-timers.js',
        { url: server.url, fakedFirst },
        { hangAfter: 20_000 },
      );
      assert.ok(!hung, `no call left: ${stderr}`);
      const expected = callKinds.map(({ path }) => JSON.parse(JSON.stringify(resolved(path))));
      assert.deepEqual(JSON.parse(stdout), expected);
    });
  }
});
