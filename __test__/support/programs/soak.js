'use strict';

// Calls without end in sight, a third of them failing in every way there is, and measures whether anything grows:
// memory, open files, threads, listeners, or what keeps the event loop busy. Run by scripts/soak.js.

const { spawn } = require('node:child_process');
const { getEventListeners, once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { callKinds } = require('../call-kinds.js');
const { closedPort } = require('../fault-server.js');
const { clientFor } = require('../refport-client.js');
const { soakFaults } = require('../soak-faults.js');

/** @typedef {import('refport').Refport} Refport */
/** @typedef {ReturnType<typeof sample>} Sample */

/** @type {{ calls: number, concurrency: number, samples: number, limitBytesPerCall: number }} */
const plan = JSON.parse(process.argv[2]);
const MIB = 1024 * 1024;
const NO_PARAMS = /** @type {any} */ ({});
/** Samples before this share of the calls are warm-up: pools, caches and the allocator find their size. */
const WARM_UP = 0.4;

/** The I/O thread's own: its poll, its wake-up, and a resolver's now and then. */
const OWN_FILES = 8;
/** The I/O thread, and up to four that resolve host names. */
const OWN_THREADS = 5;
/** Twice 64 over HTTP/1.1, 8 over HTTP/2, and clients that wait for the garbage collector; twice over for closing ones. */
const MOST_CONNECTIONS = 2 * (64 + 64 + 8 + 128);

const onLinux = process.platform === 'linux';
/** @param {string} folder */
const entries = (folder) => (onLinux ? fs.readdirSync(folder).length : 0);

const names = Object.keys(soakFaults);
const totalWeight = names.reduce((sum, name) => sum + soakFaults[name].weight, 0);

function drawFault() {
  let left = Math.random() * totalWeight;
  for (const name of names) {
    left -= soakFaults[name].weight;
    if (left < 0) return name;
  }
  return names[0];
}

/** @returns {Promise<{ urls: Record<string, string>, ca: string, stop: () => Promise<void> }>} */
async function startServers() {
  const child = spawn(process.execPath, [path.join(__dirname, 'soak-server.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const stop = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { ...JSON.parse(line), stop };
}

/**
 * Ways of one call, each returning what went wrong with the promise made about it, or nothing.
 *
 * @typedef {(index: number) => Promise<string | undefined>} Way
 *
 * @param {{ urls: Record<string, string>, ca: string }} servers
 * @param {number} deadPort
 * @param {AbortController} shared
 * @returns {{ healthy: Way[], failing: Way[] }}
 */
function ways({ urls, ca }, deadPort, shared) {
  const options = { ca, maxRetries: 0, timeout: 60_000 };
  const plain = clientFor({ url: urls.plain }, options);
  const secure = clientFor({ url: urls.secure }, options);
  const h2 = clientFor({ url: urls.h2 }, options);
  const refused = clientFor({ url: `http://127.0.0.1:${deadPort}` }, options);
  const noProxy = clientFor({ url: urls.plain }, { ...options, proxy: `http://127.0.0.1:${deadPort}` });
  const untrusted = clientFor({ url: urls.untrusted }, options);
  const unknown = clientFor({ url: 'http://no-such-host.invalid' }, options);
  /** @param {number} index */
  const fromSecond = (index) => callKinds[index % callKinds.length];

  /** @type {(what: string, codes: string[], call: Promise<unknown>) => Promise<string | undefined>} */
  const expect = async (what, codes, call) => {
    const code = await call.then(
      () => 'ok',
      (error) => error.code,
    );
    return codes.includes(code) ? undefined : `${what}: ${code} instead of ${codes}`;
  };
  /** @type {(client: Refport) => Way} */
  const healthy = (client) => (index) =>
    expect('healthy', ['ok'], fromSecond(index).send(client, { signal: shared.signal }));
  /** @type {(client: Refport) => Way} */
  const faulty = (client) => (index) => {
    const name = drawFault();
    const { codes, options: more } = soakFaults[name];
    const call = fromSecond(index).send(client, { ...more, headers: { 'X-Fault': name }, signal: shared.signal });
    return expect(name, codes, call);
  };
  /** @type {(client: Refport, fault: string) => Way} */
  const aborted = (client, fault) => (index) => {
    const controller = new AbortController();
    const call = fromSecond(index).send(client, {
      headers: { 'X-Fault': fault },
      maxRetries: 5,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), Math.random() * 20);
    return expect('aborted', ['ABORTED'], call);
  };

  return {
    healthy: [healthy(plain), healthy(secure), healthy(h2), healthy(plain), healthy(h2)],
    failing: [
      ...Array.from({ length: 24 }, () => [faulty(plain), faulty(secure)]).flat(),
      aborted(plain, 'stall'),
      aborted(secure, 'stall'),
      aborted(plain, 'inAWhile'),
      (index) => expect('refused', ['CONNECTION_ERROR'], fromSecond(index).send(refused)),
      (index) => expect('no proxy', ['CONNECTION_ERROR'], fromSecond(index).send(noProxy)),
      (index) => expect('untrusted', ['CONNECTION_ERROR'], fromSecond(index).send(untrusted)),
      (index) => expect('unknown host', ['CONNECTION_ERROR'], fromSecond(index).send(unknown)),
      () => expect('no params', ['VALIDATION_ERROR'], plain.track.lead(NO_PARAMS)),
      () => expect('bad option', ['VALIDATION_ERROR'], plain.track.lead(NO_PARAMS, { timeout: -1 })),
      () => expect('aborted before', ['ABORTED'], callKinds[0].send(plain, { signal: AbortSignal.abort() })),
      // A client of its own, used once and left to the garbage collector, connections and all.
      (index) =>
        expect(
          'own client',
          ['ok'],
          callKinds[0].send(clientFor({ url: urls.plain }, { ...options, maxConnections: 1 + (index % 500) })),
        ),
    ],
  };
}

/**
 * What must not grow.
 *
 * @param {number} done
 * @param {AbortController} shared
 */
function sample(done, shared) {
  globalThis.gc?.();
  return {
    calls: done,
    rss: process.memoryUsage().rss,
    heap: process.memoryUsage().heapUsed,
    files: entries('/proc/self/fd'),
    threads: entries('/proc/self/task'),
    listeners: getEventListeners(shared.signal, 'abort').length,
    resources: process.getActiveResourcesInfo().length,
  };
}

/**
 * Slope of the line through the samples in units of `field` per call: the median of the slopes between any two
 * (Theil–Sen), which a single jump of the allocator does not turn into a trend.
 *
 * @param {Sample[]} samples
 * @param {'rss' | 'heap'} field
 */
function slope(samples, field) {
  const slopes = samples
    .flatMap((one, index) =>
      samples.slice(index + 1).map((other) => (other[field] - one[field]) / (other.calls - one.calls)),
    )
    .sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)];
}

async function main() {
  const servers = await startServers();
  const shared = new AbortController();
  const before = sample(0, shared);
  const { healthy, failing } = ways(servers, await closedPort(), shared);
  /** @type {Map<string, number>} */
  const broken = new Map();
  /** @type {Sample[]} */
  const samples = [];
  const perSample = Math.ceil(plan.calls / plan.samples);
  let done = 0;

  /** @param {number} index */
  const one = async (index) => {
    const some = index % 3 === 0 ? failing : healthy;
    const problem = await some[Math.floor(Math.random() * some.length)](index);
    if (problem) broken.set(problem, (broken.get(problem) ?? 0) + 1);
  };
  while (done < plan.calls) {
    const end = Math.min(done + perSample, plan.calls);
    let next = done;
    const worker = async () => {
      while (next < end) await one(next++);
    };
    await Promise.all(Array.from({ length: plan.concurrency }, worker));
    done = end;
    const now = sample(done, shared);
    samples.push(now);
    console.log(
      `${String(done).padStart(7)} calls  RSS ${(now.rss / MIB).toFixed(1)} MiB  heap ${(now.heap / MIB).toFixed(1)} MiB  ` +
        `${now.files} files  ${now.threads} threads  ${now.listeners} listeners  ${now.resources} resources`,
    );
  }
  // Longer than idle connections are kept: what is still open then is lost for good.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  const idle = sample(done, shared);
  await servers.stop();
  report(before, samples, idle, broken);
}

/**
 * @param {Sample} before
 * @param {Sample[]} samples
 * @param {Sample} idle
 * @param {Map<string, number>} broken
 */
function report(before, samples, idle, broken) {
  const settled = samples.filter(({ calls }) => calls >= plan.calls * WARM_UP);
  const growth = { rss: slope(settled, 'rss'), heap: slope(settled, 'heap') };
  const problems = [...broken].map(([what, times]) => `${times} × ${what}`);
  for (const field of /** @type {const} */ (['rss', 'heap'])) {
    if (growth[field] > plan.limitBytesPerCall)
      problems.push(`${field} grows by ${growth[field].toFixed(1)} bytes a call`);
  }
  if (settled.some(({ listeners }) => listeners > 0)) problems.push('listeners are left on the signal');
  if (settled.some(({ threads }) => threads > before.threads + OWN_THREADS)) problems.push('threads grow');
  if (settled.some(({ files }) => files > before.files + OWN_FILES + MOST_CONNECTIONS)) {
    problems.push('more connections are open than there may be');
  }
  if (idle.files > before.files + OWN_FILES)
    problems.push(`${idle.files} files are open when idle, ${before.files} before`);
  if (idle.resources > before.resources) problems.push(`${idle.resources} resources are active when idle`);
  console.log(
    `after warm-up: RSS ${growth.rss.toFixed(1)}, heap ${growth.heap.toFixed(1)} bytes a call (limit ${plan.limitBytesPerCall}); ` +
      `idle: ${idle.files} files (${before.files} before), ${idle.threads} threads, ${idle.resources} resources`,
  );
  for (const problem of problems) console.log(`PROBLEM: ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

main();
