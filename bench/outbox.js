'use strict';

// Durable records, side by side: how many a second, and what each takes of the main thread, with 64 at a time.
//
//   node bench/outbox.js     (npm run bench:outbox in the root)
//
// The outbox against BullMQ on a Redis of this machine, which is on disk once a second or before each answer, and a file that
// is appended to and fsynced per batch, which is the most that the disk allows.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { Queue } = require('bullmq');
const { Refport } = require('../index.js');
const { Outbox } = require('../outbox.js');

const CONCURRENCY = 64;
const RECORDS = 6400;
const ROUNDS = 5;

/** @typedef {{ name: string, record: (n: number) => unknown, close: () => unknown }} Store */

const sale = (/** @type {number} */ n) => ({
  clickId: 'click_1',
  customerExternalId: `user_${n}`,
  amount: 4900,
  invoiceId: `in_${n}`,
  metadata: { plan: 'pro' },
});

/** @param {string} folder @returns {Store} */
function outbox(folder) {
  // Nobody answers there: recording is what is measured.
  const refport = new Refport({ apiKey: 'rk_bench', baseUrl: 'http://127.0.0.1:9' });
  const box = new Outbox(refport, { path: path.join(folder, 'outbox.db'), maxEntries: 10_000_000 });
  return { name: 'refport/outbox', record: (n) => box.track.sale(sale(n)), close: () => box.close({ timeout: 0 }) };
}

/** @param {string} folder @returns {Store} */
function append(folder) {
  const file = fs.openSync(path.join(folder, 'append'), 'a');
  /** @type {{ text: string, resolve: (value?: unknown) => void }[]} */
  let waiting = [];
  let isBusy = false;
  const flush = () => {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    const batch = waiting;
    waiting = [];
    fs.write(file, batch.map(({ text }) => text).join(''), () =>
      fs.fsync(file, () => {
        isBusy = false;
        for (const { resolve } of batch) resolve();
        flush();
      }),
    );
  };
  return {
    name: 'append, fsync per batch',
    record: (n) =>
      new Promise((resolve) => {
        waiting.push({ text: `${JSON.stringify(sale(n))}\n`, resolve });
        setImmediate(flush);
      }),
    close: () => fs.closeSync(file),
  };
}

/** @param {string} folder @param {'everysec' | 'always'} fsync @returns {Promise<Store>} */
async function bullmq(folder, fsync) {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  const home = fs.mkdtempSync(path.join(folder, 'redis-'));
  const args = ['--port', String(port), '--dir', home, '--appendonly', 'yes', '--appendfsync', fsync, '--save', ''];
  const redis = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of redis.stdout) if (String(line).includes('Ready to accept connections')) break;
  redis.stdout.resume();
  const queue = new Queue('sales', { connection: { host: '127.0.0.1', port } });
  return {
    name: `BullMQ, appendfsync ${fsync}`,
    record: (n) => queue.add('sale', sale(n), { jobId: `sale-in_${n}` }),
    async close() {
      await queue.close();
      redis.kill();
    },
  };
}

/** The middle of several rounds. @param {Store} store */
async function measure({ name, record, close }) {
  let next = 0;
  const round = async () => {
    const end = next + RECORDS;
    const before = performance.eventLoopUtilization();
    const start = performance.now();
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (next < end) await record(next++);
      }),
    );
    const took = performance.now() - start;
    const { active } = performance.eventLoopUtilization(before);
    return { perSecond: (RECORDS / took) * 1000, mainThread: (active * 1000) / RECORDS };
  };
  await round();
  /** @type {any[]} */
  const rounds = [];
  for (let i = 0; i < ROUNDS; i += 1) rounds.push(await round());
  await close();
  const middle = (/** @type {'perSecond' | 'mainThread'} */ figure) =>
    rounds.map((one) => one[figure]).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  const perSecond = Math.round(middle('perSecond')).toLocaleString('en-US');
  console.log(`| ${name} | ${perSecond} | ${middle('mainThread').toFixed(1)} |`);
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-bench-'));
  console.log('| store | records/s | main thread, µs/record |\n| --- | ---: | ---: |');
  try {
    await measure(outbox(folder));
    await measure(append(folder));
    await measure(await bullmq(folder, 'everysec'));
    await measure(await bullmq(folder, 'always'));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main();
