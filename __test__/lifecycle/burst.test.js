'use strict';

// 100 000 calls at once in a process that may open 256 files: all settle, each once, and none is sent twice.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { startCountingServer } = require('../support/counting-server.js');
const { HANG } = require('../support/fault-table.js');
const { runNode } = require('../support/run-node.js');

/** The queue is meant to be cheap: a call with its promise, text and place in line, not a connection or a buffer. */
const MOST_BYTES_PER_CALL = 8 * 1024;

describe('calls made at once under ulimit -n 256', { skip: process.platform === 'win32' }, () => {
  // Node's HTTP/2 server is what would take the time of the other 80 000; over HTTP/1.1 the queue is the longer one.
  for (const [protocol, calls] of /** @type {const} */ ([
    ['http', 100_000],
    ['h2', 20_000],
  ])) {
    it(`over ${protocol}, ${calls} calls: all settle, each exactly once`, { timeout: 4 * HANG.timeout }, async (t) => {
      const sent = new Uint8Array(calls);
      const server = await startCountingServer(protocol, {
        onRequest: (_request, body) => {
          const { amount } = JSON.parse(body);
          if (amount !== undefined) sent[amount] += 1;
        },
      });
      t.after(() => server.close());
      const { code, hung, stdout, stderr } = await runNode(
        'burst.js',
        { url: server.url, calls, options: { timeout: 200_000, ...(server.ca ? { ca: server.ca } : {}) } },
        { shell: 'ulimit -n 256', hangAfter: 220_000 },
      );
      assert.ok(!hung, 'it hung');
      assert.equal(code, 0, stderr);
      const report = JSON.parse(stdout);
      t.diagnostic(
        `RSS ${report.beforeMiB} MiB before, ${report.peakMiB} MiB at its peak: ${report.bytesPerCall} bytes a call`,
      );
      assert.deepEqual(report.failures, []);
      assert.equal(report.settledOnce, calls);
      assert.ok(
        sent.every((times) => times === 1),
        'every call was sent exactly once',
      );
      assert.ok(server.connections.peak <= (protocol === 'h2' ? 8 : 64), `${server.connections.peak} connections`);
      assert.ok(report.bytesPerCall <= MOST_BYTES_PER_CALL, `${report.bytesPerCall} bytes a call`);
    });
  }
});
