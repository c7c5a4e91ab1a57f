'use strict';

// The two biggest wins, held by what does not depend on the machine: main-thread time as a share of what fetch takes
// in the same run, and connections. The margins are several times the noise; `npm run bench` has the real figures.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { startCountingServer } = require('../support/counting-server.js');
const { HANG } = require('../support/fault-table.js');
const { runNode } = require('../support/run-node.js');

const ROUNDS = 3;
/** About 1/60 in the benchmark; a client written in JavaScript, such as undici's, does not get below 1/9. */
const SHARE_OF_FETCH = 1 / 10;

/**
 * One of the benchmark's workers, in a process of its own.
 *
 * @param {'sustained' | 'burst'} worker
 * @param {object} work as the worker takes it
 */
async function work(worker, work) {
  const { code, stdout, stderr } = await runNode(`../../../bench/workers/${worker}.js`, work);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/**
 * CPU time where the system counts it for a thread, or else the time for which the loop was busy.
 *
 * @param {{ mainCpuUs: number | null, mainLoopUs: number }} measured
 */
const mainThreadUs = ({ mainCpuUs, mainLoopUs }) => mainCpuUs ?? mainLoopUs;

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];

it('a call takes less than a tenth of the main-thread time that fetch takes', HANG, async (t) => {
  const server = await startCountingServer('http');
  t.after(() => server.close());
  const load = { target: { baseUrl: server.url }, concurrency: 64, warmMs: 200, measureMs: 300 };
  const shares = [];
  for (let round = 0; round < ROUNDS; round++) {
    const fetched = mainThreadUs(await work('sustained', { ...load, client: 'fetch' }));
    const own = mainThreadUs(await work('sustained', { ...load, client: 'refport' }));
    shares.push(own / fetched);
  }
  assert.ok(median(shares) < SHARE_OF_FETCH, `shares of fetch's time: ${shares.map((share) => share.toFixed(3))}`);
});

for (const { protocol, most } of /** @type {const} */ ([
  { protocol: 'h2', most: 8 },
  { protocol: 'http', most: 64 },
])) {
  it(
    `the first 1000 calls of a process, made at once, open at most ${most} connections over ${protocol}`,
    HANG,
    async (t) => {
      const server = await startCountingServer(protocol, { delay: 20 });
      t.after(() => server.close());
      await work('burst', { client: 'refport', target: { baseUrl: server.url, ca: server.ca }, concurrency: 1000 });
      assert.equal(server.seen.requests, 1000);
      assert.ok(server.connections.opened <= most, `${server.connections.opened} connections`);
    },
  );
}

it('64 calls at a time over HTTP/2 share a connection', HANG, async (t) => {
  const server = await startCountingServer('h2');
  t.after(() => server.close());
  const load = { target: { baseUrl: server.url, ca: server.ca }, concurrency: 64, warmMs: 100, measureMs: 100 };
  await work('sustained', { ...load, client: 'refport' });
  assert.ok(server.connections.opened <= 2, `${server.connections.opened} connections`);
});
