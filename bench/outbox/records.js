'use strict';

// Durable records, side by side: how many a second, and what each takes of the main thread, with 64 at a time.
//
// The outbox in a file, in Redis and in Postgres, both of this machine, against plain BullMQ, better-sqlite3 with the outbox's
// pragmas, and a file that is appended to and fsynced per batch, which is the most that the disk allows. Redis is on disk once a
// second or before each answer. better-sqlite3 works on the main thread: a transaction for each record, or one for all of a turn
// of the event loop.

const fs = require('node:fs');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { Queue } = require('bullmq');
const { startPostgres } = require('../../__test__/support/stores/postgres.js');
const { startRedis } = require('../../__test__/support/stores/redis.js');
const { built } = require('../built.js');
const { median } = require('../statistics.js');
const { atLeast, atMost, ratio } = require('./rows.js');
const { sale } = require('./sales.js');
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
/** One that waits for the disk with each record takes long. */
const SLOW_RECORDS = 640;
/** A round takes half a second at most. */
const ROUNDS_PER_ROUND = 2;

/**
 * What the project wants of a store: at least so many records a second, at most so many microseconds of the main thread.
 * @typedef {{ perSecond?: number, mainThread?: number }} Goals
 *
 * @typedef {object} Store
 * @property {string} name
 * @property {(n: number) => unknown} record
 * @property {() => unknown} close
 * @property {Goals | undefined} [goals]
 * @property {boolean} [isSlow]
 */

// Nobody answers there: recording is what is measured.
const refport = new Refport({ apiKey: 'rk_bench', baseUrl: 'http://127.0.0.1:9' });

/** @param {string} name @param {import('refport/outbox').ConversionOutbox} box @param {Goals} [goals] @returns {Store} */
const outbox = (name, box, goals) => ({
  name,
  goals,
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
    isSlow: transaction === 'record',
    record: transaction === 'record' ? async (n) => add(n) : inTurn,
    close: () => database.close(),
  };
}

/** @param {string} name @param {string} url @returns {Store} */
function bullmq(name, url) {
  const queue = new Queue('sales', { connection: { url } });
  return {
    name,
    record: (n) => queue.add('sale', sale(n), { jobId: `sale-in_${n}` }),
    close: () => queue.close(),
  };
}

/** @param {Store} store @returns {() => Promise<{ perSecond: number, mainThread: number }>} one round */
function rounds({ record, isSlow = false }) {
  const records = isSlow ? SLOW_RECORDS : RECORDS;
  let next = 0;
  return async () => {
    const end = next + records;
    const before = performance.eventLoopUtilization();
    const start = performance.now();
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        while (next < end) await record(next++);
      }),
    );
    const took = performance.now() - start;
    const { active } = performance.eventLoopUtilization(before);
    return { perSecond: (records / took) * 1000, mainThread: (active * 1000) / records };
  };
}

/**
 * The stores take turns, so that a slow minute of the machine meets all of them.
 * @param {import('../outbox.js').Place} place @param {import('../outbox.js').Effort} effort
 */
async function measureRecords({ folder }, { rounds: count }) {
  const file = new Outbox(refport, { path: path.join(folder, 'records.db'), maxEntries: 10_000_000 });
  const everysec = await startRedis({ fsync: 'everysec' });
  const always = await startRedis({ fsync: 'always' });
  const postgres = await startPostgres();
  const redis = (/** @type {string} */ url) =>
    new BullOutbox(refport, { connection: { url }, prefix: 'records', role: 'producer' });
  const box = new PgOutbox(refport, { connectionString: postgres.url, role: 'producer' });
  const fsynced = append(folder);
  const own = outbox('Outbox', file);
  const stores = [
    own,
    fsynced,
    betterSqlite(folder, 'record'),
    betterSqlite(folder, 'turn'),
    outbox('BullOutbox, appendfsync everysec', redis(everysec.url), { perSecond: 30_000, mainThread: 25 }),
    bullmq('BullMQ, appendfsync everysec', everysec.url),
    outbox('BullOutbox, appendfsync always', redis(always.url), { perSecond: 15_000, mainThread: 25 }),
    bullmq('BullMQ, appendfsync always', always.url),
    outbox('PgOutbox', box, { perSecond: 10_000, mainThread: 50 }),
  ];
  const measured = stores.map((store) => ({ store, round: rounds(store), samples: /** @type {any[]} */ ([]) }));
  for (const { round } of measured) await round();
  for (let i = 0; i < count * ROUNDS_PER_ROUND; i += 1) {
    for (const { round, samples } of measured) samples.push(await round());
  }
  for (const { close } of stores) await close();
  await Promise.all([everysec.stop(), always.stop(), postgres.stop()]);
  const figures = (/** @type {Store} */ wanted, /** @type {'perSecond' | 'mainThread'} */ figure) =>
    /** @type {number[]} */ (measured.find(({ store }) => store === wanted)?.samples.map((sample) => sample[figure]));
  const shares = figures(own, 'perSecond').map((value, i) => value / figures(fsynced, 'perSecond')[i]);
  return [
    ...stores.flatMap((store) => [
      atLeast(`${store.name}: records/s`, figures(store, 'perSecond'), store.goals?.perSecond),
      atMost(`${store.name}: main thread, µs a record`, figures(store, 'mainThread'), store.goals?.mainThread),
    ]),
    atLeast('Outbox: part of the records/s of the append', [median(shares)], 0.6, ratio),
  ];
}

module.exports = { measureRecords };
