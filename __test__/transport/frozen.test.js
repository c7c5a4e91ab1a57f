'use strict';

// A process that is stopped past the deadline of a call (SIGSTOP; a function between two invocations) finds the answer in the
// socket when it goes on. It is read, instead of given up on: nobody could say whether the call has counted.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { describe, it } = require('node:test');
const { setTimeout } = require('node:timers/promises');
const { startCountingServer } = require('../support/counting-server.js');
const { startNode } = require('../support/run-node.js');

const TIMEOUT = 1000;

/** @param {number} pid */
async function stop(pid) {
  process.kill(pid, 'SIGSTOP');
  const isStopped = () => execFileSync('ps', ['-o', 'state=', '-p', `${pid}`], { encoding: 'utf8' }).startsWith('T');
  while (!isStopped()) await setTimeout(1);
}

/**
 * Runs one call in a process that is stopped from its request until after its deadline, and gives what it printed.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('../support/counting-server.js').Protocol} protocol
 * @param {{ isAnswered: boolean }} server
 */
async function frozenCall(t, protocol, { isAnswered }) {
  let frozen = () => {};
  const isFrozen = new Promise((resolve) => (frozen = () => resolve(undefined)));
  const server = await startCountingServer(protocol, {
    async onRequest() {
      await stop(/** @type {number} */ (child.pid));
      frozen();
      if (!isAnswered) await new Promise(() => {});
    },
  });
  t.after(() => server.close());
  const { child, finished } = startNode('one-call.js', {
    url: server.url,
    options: { timeout: TIMEOUT, maxRetries: 0, ca: server.ca },
  });
  await isFrozen;
  await setTimeout(2 * TIMEOUT);
  child.kill('SIGCONT');
  const { hung, stdout, stderr } = await finished;
  assert.ok(!hung, stderr);
  assert.equal(server.seen.requests, 1);
  return JSON.parse(stdout);
}

describe('a process that was stopped past the deadline', { skip: process.platform === 'win32' && 'no SIGSTOP' }, () => {
  for (const protocol of /** @type {const} */ (['http', 'https', 'h2'])) {
    it(`reads the answer that has come · ${protocol}`, { timeout: 60_000 }, async (t) => {
      const { value, error } = await frozenCall(t, protocol, { isAnswered: true });
      assert.equal(error, undefined);
      assert.equal(value.click.id, 'clk_1');
    });
  }

  it('gives up if none has come', { timeout: 60_000 }, async (t) => {
    const { error } = await frozenCall(t, 'http', { isAnswered: false });
    assert.equal(error.code, 'TIMEOUT');
  });
});
