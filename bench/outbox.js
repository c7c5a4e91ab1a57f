'use strict';

// Durable records, side by side: how many a second, and what each takes of the main thread, with 64 at a time.
//
//   node bench/outbox.js     (npm run bench:outbox in the root)
//
// The outbox in a file, in Redis and in Postgres, both of this machine, against plain BullMQ, better-sqlite3 with the outbox's
// pragmas, and a file that is appended to and fsynced per batch, which is the most that the disk allows. Redis is on disk once a
// second or before each answer. better-sqlite3 works on the main thread: a transaction for each record, or one for all of a turn
// of the event loop.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { Queue } = require('bullmq');
const { startPostgres } = require('../__test__/support/stores/postgres.js');
const { startRedis } = require('../__test__/support/stores/redis.js');
const { ensureServers } = require('../scripts/servers.js');
const { built } = require('./built.js');
/** @type {typeof import('refport')} */
const { Refport } = built();
/** @type {typeof import('refport/outbox/bullmq')} */
const { BullOutbox } = built('bullmq');
/** @type {typeof import('refport/outbox/pg-boss')} */
const { PgOutbox } = built('pg-boss');
/** @type {typeof import('refport/outbox')} */
const { Outbox } = built('outbox');

const CONCURRENCY = 64;
const RECORDS = 6400;
const ROUNDS = 5;

/** @typedef {{ name: string, record: (n: number) => unknown, close: () => unknown }} Store */
/** What the project wants of a store: at least so many records a second, at most so many microseconds of the main thread. */
/** @typedef {{ perSecond: number, mainThread: number }} Goals */

const sale = (/** @type {number} */ n) => ({
  clickId: 'click_1',
  customerExternalId: `user_${n}`,
  amount: 4900,
  invoiceId: `in_${n}`,
  metadata: { plan: 'pro' },
});

// Nobody answers there: recording is what is measured.
const refport = new Refport({ apiKey: 'rk_bench', baseUrl: 'http://127.0.0.1:9' });

/** @param {string} name @param {import('refport/outbox').ConversionOutbox} box @returns {Store} */
const outbox = (name, box) => ({
  name,
  record: (n) => box.track.sale(sale(n)),
  close: () => box.close({ timeout: 0 }),
});

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

/** @param {string} folder @param {'record' | 'turn'} transaction @returns {Store} */
function betterSqlite(folder, transaction) {
  // Where it was neither to be had nor to be compiled when the packages were installed, this says so.
  const Database = require('better-sqlite3');
  const database = new Database(path.join(folder, `${transaction}.db`));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    'CREATE TABLE entry (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, params TEXT NOT NULL)',
  );
  const insert = database.prepare('INSERT INTO entry (id, params) VALUES (?, ?)');
  const add = (/** @type {number} */ n) => insert.run(`sale:in_${n}`, JSON.stringify(sale(n)));
  const addAll = database.transaction((/** @type {{ n: number }[]} */ all) => {
    for (const { n } of all) add(n);
  });
  /** @type {{ n: number, resolve: (value?: unknown) => void }[]} */
  let waiting = [];
  const flush = () => {
    const all = waiting;
    waiting = [];
    addAll(all);
    for (const { resolve } of all) resolve();
  };
  const inTurn = (/** @type {number} */ n) =>
    new Promise((resolve) => {
      if (waiting.push({ n, resolve }) === 1) setImmediate(flush);
    });
  return {
    name: `better-sqlite3, a transaction per ${transaction}`,
    record: transaction === 'record' ? async (n) => add(n) : inTurn,
    close: () => database.close(),
  };
}

/** @param {string} url @returns {Store} */
function bullmq(url) {
  const queue = new Queue('sales', { connection: { url } });
  return {
    name: 'BullMQ',
    record: (n) => queue.add('sale', sale(n), { jobId: `sale-in_${n}` }),
    close: () => queue.close(),
  };
}

/** The middle of several rounds. @param {Store} store @param {Goals} [goals] */
async function measure({ name, record, close }, goals) {
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
  const count = (/** @type {number} */ value) => Math.round(value).toLocaleString('en-US');
  const wanted = goals ? [`≥ ${count(goals.perSecond)}`, `≤ ${goals.mainThread}`] : ['', ''];
  const figures = [count(middle('perSecond')), wanted[0], middle('mainThread').toFixed(1), wanted[1]];
  console.log(`| ${name} | ${figures.join(' | ')} |`);
}

async function main() {
  ensureServers('redis-server', 'postgresql');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-bench-'));
  console.log('| store | records/s | goal | main thread, µs/record | goal |\n| --- | ---: | ---: | ---: | ---: |');
  try {
    const file = path.join(folder, 'outbox.db');
    await measure(outbox('Outbox', new Outbox(refport, { path: file, maxEntries: 10_000_000 })));
    await measure(append(folder));
    await measure(betterSqlite(folder, 'record'));
    await measure(betterSqlite(folder, 'turn'));
    const redisGoals = {
      everysec: { perSecond: 30_000, mainThread: 25 },
      always: { perSecond: 15_000, mainThread: 25 },
    };
    for (const fsync of /** @type {const} */ (['everysec', 'always'])) {
      const redis = await startRedis({ fsync });
      const box = new BullOutbox(refport, { connection: { url: redis.url }, role: 'producer' });
      await measure(outbox(`BullOutbox, appendfsync ${fsync}`, box), redisGoals[fsync]);
      const plain = bullmq(redis.url);
      await measure({ ...plain, name: `BullMQ, appendfsync ${fsync}` });
      await redis.stop();
    }
    const postgres = await startPostgres();
    const box = new PgOutbox(refport, { connectionString: postgres.url, role: 'producer' });
    await measure(outbox('PgOutbox', box), { perSecond: 10_000, mainThread: 50 });
    await postgres.stop();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main();
