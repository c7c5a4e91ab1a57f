'use strict';

// Test runners and dev servers load modules again and again. What they have dropped must be collected.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { startRecordingServer } = require('../support/recording-server.js');
const { runNode } = require('../support/run-node.js');

const TIMES = 50;

describe('the package is loaded 50 times, and dropped', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  for (const during of ['idle', 'in flight']) {
    it(`its modules are collected (dropped while ${during})`, async () => {
      const { code, stdout, stderr } = await runNode(
        'reload.js',
        { url: server.url, times: TIMES, during },
        { execArgv: ['--expose-gc'] },
      );
      assert.equal(code, 0, stderr);
      const { collected } = JSON.parse(stdout);
      // The last may still be somewhere on the stack.
      assert.ok(collected >= TIMES - 1, `${collected} of ${TIMES}`);
    });
  }
});
