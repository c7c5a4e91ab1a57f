'use strict';

// An outbox in which very much waits: how long it takes to fill it from a file, to open it, to deliver the first entry, to list
// some, and how much memory the process needs.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { startPostgres } = require('../../__test__/support/stores/postgres.js');
const { startRedis } = require('../../__test__/support/stores/redis.js');
const { atLeast, atMost, count } = require('./rows.js');
const { importSales, outboxCommand } = require('./sales.js');

const WORKER = path.join(__dirname, 'worker.js');
/** Records a second into a file. */
const IMPORT_GOAL = 30_000;
/** Milliseconds to the first request. */
const LONGEST = 120_000;

/** @param {import('../outbox.js').Place} place @param {import('../outbox.js').Effort} effort */
async function measureFull(place, { waiting }) {
  const redis = await startRedis({ fsync: 'everysec' });
  const postgres = await startPostgres();
  const file = path.join(place.folder, 'full.db');
  const stores = [
    { kind: 'Outbox', options: { path: file }, args: ['--path', file], goal: IMPORT_GOAL },
    { kind: 'BullOutbox', options: { connection: { url: redis.url } }, args: ['--redis', redis.url] },
    { kind: 'PgOutbox', options: { connectionString: postgres.url }, args: ['--postgres', postgres.url] },
  ];
  const rows = [];
  try {
    for (const { kind, options, args, goal } of stores) {
      const took = await importSales(place.folder, waiting, args);
      const listed = await seconds(() => outboxCommand(['list', '--limit', '50', ...args]));
      const counted = await seconds(() => outboxCommand(['status', ...args]));
      const { first, memory } = await startFull(place, kind, options);
      rows.push(
        atLeast(`${kind}: ${count(waiting)} imported, records/s`, [waiting / took], goal),
        atMost(`${kind}: \`outbox list\`, ms`, [listed * 1000], undefined, count),
        atMost(`${kind}: \`outbox status\`, ms`, [counted * 1000], undefined, count),
        atMost(`${kind}: from the start of a process to its first request, ms`, [first], undefined, count),
      );
      if (memory !== undefined)
        rows.push(atMost(`${kind}: peak memory of that process, MB`, [memory], undefined, count));
    }
  } finally {
    await Promise.all([redis.stop(), postgres.stop()]);
  }
  return rows;
}

/** @param {() => Promise<unknown>} work */
async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** @param {import('../outbox.js').Place} place @param {string} kind @param {object} options */
async function startFull({ server }, kind, options) {
  await server.reset();
  const start = performance.now();
  const config = { kind, options, baseUrl: `${server.plain}/delay20/`, concurrency: 8 };
  const worker = spawn(process.execPath, [WORKER, JSON.stringify(config)], { stdio: ['pipe', 'ignore', 'inherit'] });
  while ((await server.stats()).requests === 0) {
    if (performance.now() - start > LONGEST) {
      worker.kill();
      throw new Error(`${kind} delivered nothing`);
    }
    await sleep(1);
  }
  const first = performance.now() - start;
  // Some seconds of delivery belong to it.
  await sleep(2000);
  const memory = peakMemory(Number(worker.pid));
  worker.stdin.end();
  await once(worker, 'exit');
  return { first, memory };
}

/** @param {number} pid @returns {number | undefined} megabytes; Linux tells */
function peakMemory(pid) {
  const file = `/proc/${pid}/status`;
  if (!fs.existsSync(file)) return undefined;
  return Number(/VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(file, 'utf8'))?.[1]) / 1024;
}

module.exports = { measureFull };
