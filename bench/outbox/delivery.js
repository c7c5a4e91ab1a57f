'use strict';

// How fast the entries of a store are delivered, by `concurrency`, by processes, and by how the API fares.
//
// Entries are recorded before, with `npx refport outbox import`. What is timed is the middle half of the requests. Next to the
// stores, the same client sends the same sales without one: that is what so many at a time allow here, since the API's timer, the
// network and the client take their part of a round trip, too.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { startPostgres } = require('../../__test__/support/stores/postgres.js');
const { startRedis } = require('../../__test__/support/stores/redis.js');
const { median } = require('../statistics.js');
const { atLeast, count, ratio } = require('./rows.js');
const { importSales } = require('./sales.js');

const WORKER = path.join(__dirname, 'worker.js');
/** Between two looks at the API's counter, in milliseconds. */
const LOOK = 50;
/** If the counter stands still for so long, nothing more is delivered, in milliseconds. */
const STALLED = 30_000;

/**
 * @typedef {object} Load
 * @property {number} latency of the API, in milliseconds
 * @property {number} concurrency
 * @property {number} entries
 * @property {number} [processes]
 * @property {boolean} [isFailing] whether one answer in five is 500
 *
 * @typedef {object} Store
 * @property {string} kind
 * @property {(area: string) => object} optionsFor what an outbox needs to keep its entries in an area of the store
 * @property {(area: string) => string[]} argsFor the same for `npx refport outbox`
 */

/** @type {Load} */
const DEFAULT = { latency: 20, concurrency: 8, entries: 1600 };
/** @type {Load} */
const WIDE = { latency: 20, concurrency: 64, entries: 9600 };
/** @type {Load} */
const FAST = { latency: 1, concurrency: 64, entries: 40_000 };
/** @type {Load} */
const NEAR = { latency: 5, concurrency: 8, entries: 4000 };

let areas = 0;

/**
 * @param {import('../outbox.js').Place} place
 * @param {Store | undefined} store none sends without a store
 * @param {Load} load
 * @returns {Promise<number>} deliveries per second
 */
async function deliver({ folder, server }, store, { latency, concurrency, entries, processes = 1, isFailing = false }) {
  const area = `area${++areas}`;
  if (store) await importSales(folder, entries, store.argsFor(area));
  await server.reset();
  const baseUrl = `${server.plain}/delay${latency}/${isFailing ? 'fail5' : ''}`;
  const config = { kind: store?.kind, options: store?.optionsFor(area), baseUrl, concurrency, entries };
  const workers = Array.from({ length: processes }, () =>
    spawn(process.execPath, [WORKER, JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const end = () => {
    for (const worker of workers) worker.stdin.end();
    return Promise.all(workers.map((worker) => once(worker, 'exit')));
  };
  await Promise.all(workers.map(({ stdout }) => once(stdout, 'data')));
  /** Requests at a time, from a quarter to three quarters of the entries. @type {{ at: number, requests: number }[]} */
  const looks = [];
  const start = performance.now();
  for (let last = { at: start, requests: 0 }; last.requests < entries * 0.9; await sleep(LOOK)) {
    const { requests } = await server.stats();
    const at = performance.now();
    if (requests > last.requests) last = { at, requests };
    else if (at - last.at > STALLED) {
      await end();
      throw new Error(`${config.kind}, ${baseUrl}: ${requests} of ${entries} requests, and no more`);
    }
    if (requests >= entries / 4 && requests <= (entries * 3) / 4) looks.push({ at, requests });
  }
  await end();
  const [first, last] = [looks[0], looks[looks.length - 1]];
  const perSecond = ((last.requests - first.requests) / (last.at - first.at)) * 1000;
  return isFailing ? perSecond * 0.8 : perSecond;
}

/** @param {import('../outbox.js').Place} place @param {import('../outbox.js').Effort} effort */
async function measureDelivery(place, { rounds }) {
  const redis = await startRedis();
  const postgres = await startPostgres();
  /** @type {Store} */
  const file = {
    kind: 'Outbox',
    optionsFor: (area) => ({ path: path.join(place.folder, `${area}.db`) }),
    argsFor: (area) => ['--path', path.join(place.folder, `${area}.db`)],
  };
  /** @type {Store} */
  const bull = {
    kind: 'BullOutbox',
    optionsFor: (area) => ({ connection: { url: redis.url }, prefix: area }),
    argsFor: (area) => ['--redis', redis.url, '--prefix', area],
  };
  /** @type {Store} */
  const pg = {
    kind: 'PgOutbox',
    optionsFor: (area) => ({ connectionString: postgres.url, schema: area }),
    argsFor: (area) => ['--postgres', postgres.url, '--schema', area],
  };
  const queues = [bull, pg];
  const stores = [file, ...queues];
  /** Each with the part of what the client does without a store that is wanted. */
  const runs = [
    ...[undefined, ...stores].map((store) => ({ store, load: DEFAULT, goal: store && 0.9 })),
    ...[undefined, ...stores].map((store) => ({ store, load: WIDE, goal: store && (store === file ? 0.8 : 0.5) })),
    { store: undefined, load: FAST },
    { store: file, load: FAST },
    ...stores.flatMap((store) => [false, true].map((isFailing) => ({ store, load: { ...NEAR, isFailing } }))),
    ...queues.flatMap((store) => [2, 4].map((processes) => ({ store, load: { ...DEFAULT, processes } }))),
  ].map((run) => ({ goal: undefined, ...run, samples: /** @type {number[]} */ ([]) }));
  try {
    for (let i = 0; i < rounds; i += 1) {
      for (const { store, load, samples } of runs) samples.push(await deliver(place, store, load));
    }
  } finally {
    await Promise.all([redis.stop(), postgres.stop()]);
  }
  const samplesOf = (/** @type {Store | undefined} */ wanted, /** @type {Load} */ of) =>
    runs.find(({ store, load }) => store === wanted && load === of)?.samples ?? [];
  const rows = [];
  for (const { store, load, goal, samples } of runs) {
    const { latency, concurrency, processes = 1, isFailing } = load;
    const name = store?.kind ?? 'The client alone';
    const times = processes === 1 ? '' : `${processes} processes, `;
    const title = `${name}, ${times}API of ${latency} ms, ${concurrency} at a time`;
    if (isFailing) {
      const healthy = runs.find((run) => run.store === store && run.load.latency === latency)?.samples ?? [];
      rows.push(
        atLeast(
          `${title}, every fifth answer 500: part of the healthy`,
          [median(samples) / median(healthy)],
          0.5,
          ratio,
        ),
      );
      continue;
    }
    rows.push(atLeast(`${title}: deliveries/s`, samples, store === file && load === FAST ? 10_000 : undefined));
    if (goal === undefined) continue;
    const allowed = (concurrency * 1000) / latency;
    rows.push(
      atLeast(`${title}: part of ${count(allowed)}/s`, [median(samples) / allowed], goal, ratio),
      atLeast(
        `${title}: part of the client alone`,
        [median(samples) / median(samplesOf(undefined, load))],
        undefined,
        ratio,
      ),
    );
  }
  return rows;
}

module.exports = { measureDelivery };
