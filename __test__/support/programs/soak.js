'use strict';

// Makes calls, a third of them failing in every way there is, and measures whether anything grows with their number: memory,
// open files, threads, listeners, or what keeps the event loop busy. Run by scripts/long-run.js.
//
// Memory goes up and down with the connections that are open, so each window of calls counts with its lowest sample. What
// remains of that noise shrinks with the number of calls, a leak does not: while a window's minimum still grows too fast, the
// run goes on, up to `mostCalls`.

const { spawn } = require('node:child_process');
const { getEventListeners, once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { callKinds } = require('../call-kinds.js');
const { closedPort } = require('../fault-server.js');
const { nativeBytes } = require('../live-bytes.js');
const { clientFor } = require('../refport-client.js');
const { soakFaults } = require('../soak-faults.js');

/** @typedef {import('refport').Refport} Refport */
/** @typedef {ReturnType<typeof sample>} Sample */

/**
 * What scripts/long-run.js was asked for.
 *
 * @typedef {object} SoakPlan
 * @property {number} calls at least so many
 * @property {number} mostCalls at most so many, if memory seems to grow
 * @property {number} concurrency calls at a time
 * @property {number} limit growth of memory that still passes, in bytes a call
 * @property {number} leak bytes to leak with each call, to see that this is noticed
 * @property {number} idle milliseconds after which idle connections must be closed; 0 checks nothing of that
 */

/** @type {SoakPlan} */
const plan = JSON.parse(process.argv[2]);
const MIB = 1024 * 1024;
const NO_PARAMS = /** @type {any} */ ({});
/** Parts of `plan.calls`. */
const WINDOWS = 10;
/** Windows that are left out: pools, caches and the allocator find their size in them. */
const WARM_UP = 2;
const SAMPLES_PER_WINDOW = 5;
/** A growth so many times the limit needs no more calls to be certain. */
const CERTAIN = 4;

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
    heap: process.memoryUsage().heapUsed,
    native: nativeBytes(),
    files: entries('/proc/self/fd'),
    threads: entries('/proc/self/task'),
    listeners: getEventListeners(shared.signal, 'abort').length,
    resources: process.getActiveResourcesInfo().length,
  };
}

/**
 * How fast the lowest samples of the windows grow, in bytes a call: the median of the slopes between any two of them
 * (Theil–Sen), which a single odd window does not turn into a trend.
 *
 * @param {Sample[][]} windows
 * @param {'native' | 'heap'} field
 */
function growth(windows, field) {
  const lowest = windows.map((samples) =>
    samples.reduce((least, sample) => (sample[field] < least[field] ? sample : least)),
  );
  const slopes = lowest
    .flatMap((one, index) =>
      lowest.slice(index + 1).map((other) => (other[field] - one[field]) / (other.calls - one.calls)),
    )
    .sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)];
}

/** @param {Sample[][]} windows those after the warm-up */
const fastestGrowth = (windows) => Math.max(growth(windows, 'native'), growth(windows, 'heap'));

/**
 * @param {number} done
 * @param {Sample[][]} windows those after the warm-up
 */
function isCertain(done, windows) {
  if (done < plan.calls) return false;
  const fastest = fastestGrowth(windows);
  return done >= plan.mostCalls || fastest <= plan.limit || fastest > CERTAIN * plan.limit;
}

async function main() {
  const servers = await startServers();
  const shared = new AbortController();
  const before = sample(0, shared);
  const { healthy, failing } = ways(servers, await closedPort(), shared);
  /** @type {Map<string, number>} */
  const broken = new Map();
  /** @type {Buffer[]} */
  const leaked = [];
  /** @type {Sample[][]} */
  const windows = [];
  let done = 0;

  /** @param {number} index */
  const one = async (index) => {
    const some = index % 3 === 0 ? failing : healthy;
    const problem = await some[Math.floor(Math.random() * some.length)](index);
    if (problem) broken.set(problem, (broken.get(problem) ?? 0) + 1);
    if (plan.leak > 0) leaked.push(Buffer.allocUnsafeSlow(plan.leak));
  };
  /** @param {number} end */
  const callUntil = async (end) => {
    let next = done;
    const worker = async () => {
      while (next < end) await one(next++);
    };
    await Promise.all(Array.from({ length: plan.concurrency }, worker));
    done = end;
  };
  const perSample = Math.ceil(plan.calls / WINDOWS / SAMPLES_PER_WINDOW);
  do {
    /** @type {Sample[]} */
    const samples = [];
    while (samples.length < SAMPLES_PER_WINDOW) {
      await callUntil(done + perSample);
      samples.push(sample(done, shared));
    }
    windows.push(samples);
    print(samples);
  } while (!isCertain(done, windows.slice(WARM_UP)));

  const idle = await idleSample(done, shared);
  await servers.stop();
  report(before, windows.slice(WARM_UP), idle, broken);
}

/** @param {Sample[]} samples of a window */
function print(samples) {
  const lowest = (/** @type {'native' | 'heap'} */ field) => Math.min(...samples.map((sample) => sample[field])) / MIB;
  const { calls, files, threads, listeners, resources } = /** @type {Sample} */ (samples.at(-1));
  console.log(
    `${String(calls).padStart(7)} calls  native ${lowest('native').toFixed(2)} MiB  heap ${lowest('heap').toFixed(2)} MiB  ` +
      `${files} files  ${threads} threads  ${listeners} listeners  ${resources} resources`,
  );
}

/**
 * @param {number} done
 * @param {AbortController} shared
 */
async function idleSample(done, shared) {
  if (plan.idle === 0) return undefined;
  // Idle connections are closed by then: what is still open is lost for good.
  await new Promise((resolve) => setTimeout(resolve, plan.idle));
  return sample(done, shared);
}

/**
 * @param {Sample} before
 * @param {Sample[][]} windows those after the warm-up
 * @param {Sample | undefined} idle
 * @param {Map<string, number>} broken
 */
function report(before, windows, idle, broken) {
  const problems = [...broken].map(([what, times]) => `${times} × ${what}`);
  const grown = { native: growth(windows, 'native'), heap: growth(windows, 'heap') };
  for (const field of /** @type {const} */ (['native', 'heap'])) {
    if (grown[field] > plan.limit) problems.push(`${field} memory grows by ${grown[field].toFixed(1)} bytes a call`);
  }
  const samples = windows.flat();
  if (samples.some(({ listeners }) => listeners > 0)) problems.push('listeners are left on the signal');
  if (samples.some(({ threads }) => threads > before.threads + OWN_THREADS)) problems.push('threads grow');
  if (samples.some(({ files }) => files > before.files + OWN_FILES + MOST_CONNECTIONS)) {
    problems.push('more connections are open than there may be');
  }
  if (idle && idle.files > before.files + OWN_FILES)
    problems.push(`${idle.files} files are open when idle, ${before.files} before`);
  if (idle && idle.resources > before.resources) problems.push(`${idle.resources} resources are active when idle`);
  console.log(
    `after warm-up: native ${grown.native.toFixed(1)}, heap ${grown.heap.toFixed(1)} bytes a call (limit ${plan.limit})` +
      (idle
        ? `; idle: ${idle.files} files (${before.files} before), ${idle.threads} threads, ${idle.resources} resources`
        : ''),
  );
  for (const problem of problems) console.log(`PROBLEM: ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

main();
