'use strict';

// `jest --detectOpenHandles` and its like report what could keep a process from ending. An idle client does not.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { startRecordingServer } = require('../support/recording-server.js');
const { runNode } = require('../support/run-node.js');

it('the client has an open handle while calls are in flight, and none when it is idle', async (t) => {
  const server = await startRecordingServer();
  t.after(() => server.close());
  const { code, stdout, stderr } = await runNode('open-handles.js', { url: server.url });
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { inFlight: 1, idle: 0 });
});
