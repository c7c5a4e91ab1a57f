// Where the code runs: threads and processes of the runtime, and its end.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as testing from 'refport/testing';

const program = fileURLToPath(new URL('./one-call.mjs', import.meta.url));
const clusterProgram = fileURLToPath(new URL('./cluster.mjs', import.meta.url));

/**
 * Runs with a sandbox, then expects so many leads.
 *
 * @param {number} count
 * @param {(env: Record<string, string>) => Promise<void>} run
 */
async function expectLeads(count, run) {
  const sandbox = await testing.createSandbox();
  try {
    await run({ REFPORT_API_KEY: sandbox.apiKey, REFPORT_BASE_URL: sandbox.url, CLICK_ID: sandbox.clickId });
    assert.equal(sandbox.leads.length, count);
  } finally {
    await sandbox.close();
  }
}

/** @param {string} file @param {Record<string, string>} env */
const forked = async (file, env) => {
  const child = fork(file, { env: { ...process.env, ...env } });
  const [code, signal] = await once(child, 'exit');
  assert.deepEqual([code, signal], [0, null]);
};

export const areas = {
  'worker threads': {
    'four at once, each ends by itself': () =>
      expectLeads(4, async (env) => {
        const workers = Array.from({ length: 4 }, () => new Worker(program, { env: { ...process.env, ...env } }));
        const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')));
        assert.deepEqual(codes, [[0], [0], [0], [0]]);
      }),
    'terminated in the middle of a call': () =>
      expectLeads(1, async (env) => {
        const stalled = await testing.createSandbox({ latency: 60_000 });
        const there = { ...process.env, ...env, REFPORT_BASE_URL: stalled.url };
        const worker = new Worker(program, { env: there });
        await stalled.waitForRequest();
        await worker.terminate();
        await stalled.close();
        await forked(program, env);
      }),
  },
  'child_process.fork': {
    'one call, and the child ends by itself': () => expectLeads(1, (env) => forked(program, env)),
  },
  cluster: {
    'two workers': () => expectLeads(2, (env) => forked(clusterProgram, env)),
  },
};
