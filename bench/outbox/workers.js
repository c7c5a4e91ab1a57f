'use strict';

// How delivery from a queue scales with the processes that work on it, and with `concurrency`, against an API that takes 20 ms.
// In brackets: the part of what as many requests at a time allow.
//
//   node bench/outbox/workers.js     (npm run bench:outbox in the root)
//
// Everything is recorded before. What is timed is the middle half of the requests, when all workers are there.

const { once } = require('node:events');
const http = require('node:http');
const { performance } = require('node:perf_hooks');
const { answerTo } = require('../../__test__/support/call-kinds.js');
const { clientFor } = require('../../__test__/support/refport-client.js');
const { stores } = require('../../__test__/support/stores/stores.js');
const { startWorker } = require('../../__test__/support/stores/workers.js');
const { ensureServers } = require('../../scripts/servers.js');

/** By the outbox's default concurrency, and by one that keeps a store busy. */
const RUNS = [
  { concurrency: 8, processes: 1, entries: 2400, goal: 0.9 },
  { concurrency: 8, processes: 2, entries: 2400 },
  { concurrency: 8, processes: 4, entries: 2400 },
  { concurrency: 64, processes: 1, entries: 9600, goal: 0.5 },
];
const LATENCY = 20;
const RECORDED_AT_ONCE = 64;

async function startApi() {
  /** @type {number[]} when each request came */
  const arrivals = [];
  const server = http.createServer((request, response) => {
    arrivals.push(performance.now());
    request.resume();
    setTimeout(() => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(answerTo(request.url));
    }, LATENCY);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    arrivals,
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {import('refport/outbox').ConversionOutbox} outbox @param {number} entries */
async function record(outbox, entries) {
  let next = 0;
  const recorder = async () => {
    while (next < entries) {
      const n = next++;
      await outbox.track.sale({
        clickId: 'click_1',
        customerExternalId: `user_${n}`,
        amount: 4900,
        invoiceId: `in_${n}`,
      });
    }
  };
  await Promise.all(Array.from({ length: RECORDED_AT_ONCE }, recorder));
}

/**
 * @param {(typeof stores)[number]} store
 * @param {string} storeUrl
 * @param {(typeof RUNS)[number]} run
 * @returns {Promise<number>} deliveries per second
 */
async function measure(store, storeUrl, { concurrency, processes, entries }) {
  const api = await startApi();
  const options = store.optionsFor(storeUrl, `workers_${concurrency}_${processes}`);
  // The key of the workers, which deliver what was recorded for it.
  const outbox = store.open(clientFor(api), { ...options, role: 'producer' });
  await record(outbox, entries);
  const config = { store: store.name, options: { ...options, concurrency }, url: api.url };
  const workers = await Promise.all(Array.from({ length: processes }, () => startWorker(config)));
  await Promise.race([outbox.drained(), ...workers.map(({ failure }) => failure)]);
  await Promise.all(workers.map((worker) => worker.kill()));
  await outbox.close();
  api.close();
  const [from = 0, to = 0] = [0.25, 0.75].map((part) => api.arrivals[Math.floor(entries * part)]);
  return (entries / 2 / (to - from)) * 1000;
}

async function main() {
  ensureServers('redis-server', 'postgresql');
  const heads = RUNS.map(({ concurrency, processes, goal }) => {
    const name = `${processes} × ${concurrency} at a time`;
    return goal === undefined ? name : `${name}, goal ${goal}`;
  });
  console.log(`| deliveries/s, API of ${LATENCY} ms | ${heads.join(' | ')} |`);
  console.log(`| --- |${' ---: |'.repeat(RUNS.length)}`);
  for (const store of stores) {
    const server = await store.start();
    const cells = [];
    for (const run of RUNS) {
      const perSecond = await measure(store, server.url, run);
      const allowed = (run.concurrency * run.processes * 1000) / LATENCY;
      cells.push(`${Math.round(perSecond)} (${(perSecond / allowed).toFixed(2)})`);
    }
    console.log(`| ${store.name} | ${cells.join(' | ')} |`);
    await server.stop();
  }
}

main();
