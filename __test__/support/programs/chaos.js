'use strict';

// Rounds of random faults on random connections under load. After each, what must hold whatever happened: every call was
// settled in time, nothing was counted twice that may not be, what succeeded was counted, what is said not to be
// ambiguous was not, concurrency is what it was before, connections are within their bounds. After all: memory
// and descriptors are back. Run by scripts/long-run.js.

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { lead, sale } = require('../call-kinds.js');
const { nativeBytes } = require('../live-bytes.js');
const { clientFor } = require('../refport-client.js');
const { loadSource } = require('../source.js');

const { createRandom } = loadSource('sandbox/random.ts');

/** @type {{ seed: number, rounds: number, calls: number }} */
const plan = JSON.parse(process.argv[2]);
const random = createRandom(plan.seed);

const MIB = 1024 * 1024;
const CONCURRENCY = 150;
const TIMEOUT = 800;
const MAX_RETRIES = 2;
/** Three attempts, their backoff, and what a loaded machine takes on top, in milliseconds. */
const SETTLED_WITHIN = (MAX_RETRIES + 1) * TIMEOUT + 4_000;
const MAX_CONNECTIONS = 32;
/** `maxConnections` over HTTP/1.1, twice; over HTTP/2 the client promises eight. */
const MOST_CONNECTIONS = 2 * MAX_CONNECTIONS + 8;
/** The I/O thread's poll and wake-up, and a resolver's. */
const OWN_FILES = 8;
/** Calls of a wave that shows how many go out at once. */
const WAVE = 200;
const AT_ONCE = { plain: MAX_CONNECTIONS, secure: MAX_CONNECTIONS, h2: WAVE };
/** The servers answer in 50 ms in calm weather; one connection alone would need ten seconds. */
const WAVE_WITHIN = 3_000;
/** Rounds until pools, caches and the allocator have found their size. */
const WARM_UP = 4;
const MEMORY_LIMIT = 24 * MIB;
const DESCRIPTOR_LIMIT = 16;

/**
 * The kinds of call, and whether the API may count one of them more than once.
 *
 * @typedef {import('refport').Refport} Refport
 * @type {{ once: boolean, send: (client: Refport, id: string, options: Parameters<Refport['track']['lead']>[1]) => Promise<unknown> }[]}
 */
const kinds = [
  { once: true, send: (client, id, options) => client.track.lead({ ...lead, customerExternalId: id }, options) },
  { once: true, send: (client, id, options) => client.track.sale({ ...sale, customerExternalId: id }, options) },
  {
    once: false,
    send: (client, id, options) => client.track.sale({ ...sale, customerExternalId: id, invoiceId: id }, options),
  },
];

/** @type {string[]} */
const broken = [];

/**
 * @typedef {object} Settled
 * @property {string} id
 * @property {boolean} once
 * @property {any} error `null` for a success
 * @property {number} took in milliseconds
 */

/**
 * @param {Refport} client
 * @param {string} id
 * @returns {Promise<Settled>}
 */
async function callOnce(client, id) {
  const { once, send } = kinds[Math.floor(random() * kinds.length)];
  const abortAfter = random() < 0.05 ? random() * 100 : undefined;
  const signal = abortAfter === undefined ? undefined : AbortSignal.timeout(Math.ceil(abortAfter));
  const start = performance.now();
  const error = await send(client, id, { signal }).then(
    () => null,
    (reason) => reason,
  );
  return { id, once, error, took: performance.now() - start };
}

/**
 * @param {Refport[]} clients
 * @param {number} round
 */
async function load(clients, round) {
  /** @type {Settled[]} */
  const settled = [];
  let next = 0;
  const worker = async () => {
    while (next < plan.calls) {
      const index = next++;
      settled.push(await callOnce(clients[Math.floor(random() * clients.length)], `r${round}_${index}`));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return settled;
}

/** @param {Settled[]} settled @param {Map<string, number>} ledger */
function check(settled, ledger) {
  for (const { id, once, error, took } of settled) {
    const counted = ledger.get(id) ?? 0;
    const what = `${id}: ${error?.code ?? 'ok'}, counted ${counted} times`;
    if (took > SETTLED_WITHIN) broken.push(`${what}: settled after ${Math.round(took)} ms`);
    if (once && counted > 1) broken.push(`${what}: counted twice`);
    if (!error && counted === 0) broken.push(`${what}: lost`);
    if (error && !('ambiguous' in error)) broken.push(`${what}: not an error of ours: ${error}`);
    if (error?.code === 'CONNECTION_ERROR' && !error.ambiguous && counted > 0) {
      broken.push(`${what}: counted, and said not to be ambiguous`);
    }
  }
}

/**
 * A burst in calm weather: all of it succeeds, and as much of it at once as ever.
 *
 * @typedef {keyof typeof AT_ONCE} ServerName
 *
 * @param {ServerName} name
 * @param {Refport} client
 * @param {number} round
 * @param {() => Promise<{ peak: typeof AT_ONCE }>} seen
 */
async function wave(name, client, round, seen) {
  /** @type {(suffix: string, invoice: boolean) => Promise<unknown>} */
  const burst = (suffix, invoice) =>
    Promise.all(
      Array.from({ length: WAVE }, (_, index) => {
        const id = `w${round}_${name}_${suffix}_${index}`;
        return client.track.sale({ ...sale, customerExternalId: id, ...(invoice ? { invoiceId: id } : {}) });
      }),
    );
  // The first one finds connections that died meanwhile; these sales may be repeated.
  await burst('first', true);
  await seen();
  const start = performance.now();
  await burst('second', false);
  const took = performance.now() - start;
  const { peak } = await seen();
  if (peak[name] < AT_ONCE[name]) {
    broken.push(`round ${round}, ${name}: ${peak[name]} calls at once, not ${AT_ONCE[name]}`);
  }
  if (took > WAVE_WITHIN) broken.push(`round ${round}, ${name}: the wave took ${Math.round(took)} ms`);
}

/** What has to come back. */
function resources() {
  globalThis.gc?.();
  const files = process.platform === 'linux' ? fs.readdirSync('/proc/self/fd').length : 0;
  return { native: nativeBytes(), files };
}

async function main() {
  const server = fork(path.join(__dirname, 'chaos-server.js'), [String(plan.seed)]);
  server.once('exit', (code, signal) => {
    if (code !== 0) throw new Error(`the servers ended: ${signal ?? code}`);
  });
  const [{ urls, ca }] = await once(server, 'message');
  const order = async (/** @type {string} */ name) => {
    server.send(name);
    return (await once(server, 'message'))[0];
  };
  const options = { ca, maxRetries: MAX_RETRIES, timeout: TIMEOUT, maxConnections: MAX_CONNECTIONS };
  const clients = Object.entries(urls).map(([name, url]) => ({ name, client: clientFor({ url }, options) }));

  const before = resources();
  let warm = before;
  for (let round = 1; round <= plan.rounds; round += 1) {
    await order('chaos');
    const settled = await load(
      clients.map(({ client }) => client),
      round,
    );
    const { ledger } = await order('calm');
    check(settled, new Map(ledger));
    for (const { name, client } of clients)
      await wave(/** @type {ServerName} */ (name), client, round, () => order('seen'));
    const now = resources();
    if (round === Math.min(WARM_UP, plan.rounds)) warm = now;
    // Its own descriptors: a server learns late, and Node's TLS sockets sometimes never, that a connection has ended.
    if (now.files > before.files + OWN_FILES + MOST_CONNECTIONS) {
      broken.push(`round ${round}: ${now.files} files, ${before.files} before the first connection`);
    }
    const failed = settled.filter(({ error }) => error).length;
    console.log(
      `round ${round}: ${settled.length} calls, ${failed} failed, native ${(now.native / MIB).toFixed(1)} MiB, ${now.files} files`,
    );
  }
  const end = resources();
  if (end.native - warm.native > MEMORY_LIMIT) {
    broken.push(`native memory grew by ${((end.native - warm.native) / MIB).toFixed(1)} MiB`);
  }
  if (end.files - warm.files > DESCRIPTOR_LIMIT) broken.push(`${end.files - warm.files} descriptors more than before`);
  server.disconnect();
  for (const what of broken.slice(0, 20)) console.log(`BROKEN: ${what}`);
  if (broken.length > 20) console.log(`and ${broken.length - 20} more`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

main();
