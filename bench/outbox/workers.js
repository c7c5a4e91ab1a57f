'use strict';

// How delivery from a queue scales with the processes that work on it, against an API that takes 20 ms:
//
//   node bench/outbox/workers.js     (npm run bench:outbox in the root)
//
// Everything is recorded before. What is timed is the middle half of the requests, when all workers are there.

const { once } = require('node:events');
const http = require('node:http');
const { performance } = require('node:perf_hooks');
const { answerTo } = require('../../__test__/support/call-kinds.js');
const { stores } = require('../../__test__/support/stores/stores.js');
const { startWorker } = require('../../__test__/support/stores/workers.js');
const { Refport } = require('refport');
const { ensureServers } = require('../../scripts/servers.js');

const ENTRIES = 2400;
const PROCESSES = [1, 2, 4];
/** The outbox's default. */
const CONCURRENCY = 8;
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

/** @param {import('refport/outbox').ConversionOutbox} outbox */
async function record(outbox) {
  let next = 0;
  const recorder = async () => {
    while (next < ENTRIES) {
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
 * @param {number} processes
 * @returns {Promise<number>} deliveries per second
 */
async function measure(store, storeUrl, processes) {
  const api = await startApi();
  const options = store.optionsFor(storeUrl, `workers_${processes}`);
  const refport = new Refport({ apiKey: 'rk_bench', baseUrl: api.url });
  const outbox = store.open(refport, { ...options, role: 'producer' });
  await record(outbox);
  const config = { store: store.name, options: { ...options, concurrency: CONCURRENCY }, url: api.url };
  const workers = await Promise.all(Array.from({ length: processes }, () => startWorker(config)));
  await Promise.race([outbox.drained(), ...workers.map(({ failure }) => failure)]);
  await Promise.all(workers.map((worker) => worker.kill()));
  await outbox.close();
  api.close();
  const [from = 0, to = 0] = [0.25, 0.75].map((part) => api.arrivals[Math.floor(ENTRIES * part)]);
  return (ENTRIES / 2 / (to - from)) * 1000;
}

async function main() {
  ensureServers('redis-server', 'postgresql');
  console.log(
    `| deliveries/s, API of ${LATENCY} ms | ${PROCESSES.map((n) => `${n} process${n > 1 ? 'es' : ''} |`).join(' ')}`,
  );
  console.log(`| --- |${' ---: |'.repeat(PROCESSES.length)}`);
  for (const store of stores) {
    const server = await store.start();
    const cells = [];
    for (const processes of PROCESSES) cells.push(Math.round(await measure(store, server.url, processes)));
    console.log(`| ${store.name} | ${cells.join(' | ')} |`);
    await server.stop();
  }
}

main();
