'use strict';

/**
 * One client under a steady load in a fresh process: `concurrency` calls in flight all the time.
 * Argument: JSON { client, target, concurrency, warmMs, measureMs }. Prints one JSON line.
 *
 * First a window for throughput and CPU in which nothing but the calls runs, then one for latency and loop delay,
 * because taking timestamps and sampling the loop cost main-thread time themselves.
 */

const { performance } = require('node:perf_hooks');
const { setTimeout: wait } = require('node:timers/promises');
const { client } = require('../clients/index.js');
const { lead, check } = require('./request.js');
const { watchLoop } = require('./loop-delay.js');
const { snapshot, perCall, memory } = require('./usage.js');

const { client: name, target, concurrency, warmMs, measureMs } = JSON.parse(process.argv[2]);
const MAX_SAMPLES = 1 << 19;

const load = { calls: 0, recording: false, stopped: false, samples: 0 };
const latencies = new Float64Array(MAX_SAMPLES);

/** @param {import('../clients/index.js').Call} call */
async function keepCalling(call) {
  while (!load.stopped) {
    const started = load.recording ? performance.now() : 0;
    check(await call(lead(load.calls)));
    load.calls++;
    if (started !== 0 && load.samples < MAX_SAMPLES) latencies[load.samples++] = performance.now() - started;
  }
}

/**
 * @param {number} ms
 * @param {number} calls that have to end in that time, or it takes longer
 */
async function forAtLeast(ms, calls) {
  const enough = load.calls + calls;
  await wait(ms);
  while (load.calls < enough) await wait(10);
}

/** @param {number} percent */
function latencyUs(percent) {
  const sorted = latencies.subarray(0, load.samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] * 1e3;
}

async function main() {
  const { load: loadPackage, connect } = client(name);
  const call = connect(loadPackage(), target);
  if (call === null) {
    await wait(warmMs + measureMs);
    return memory();
  }
  const loops = Array.from({ length: concurrency }, () => keepCalling(call));
  // A failing call has to end the run now, not when the loops are awaited.
  Promise.all(loops).catch((error) => {
    throw error;
  });

  // Slow starters get the time to open all of their connections.
  await forAtLeast(warmMs, 2 * concurrency);

  const before = snapshot();
  const callsBefore = load.calls;
  await forAtLeast(measureMs, concurrency);
  const usage = perCall(before, snapshot(), load.calls - callsBefore);
  const used = memory();

  const loop = await watchLoop();
  load.recording = true;
  await forAtLeast(measureMs, concurrency);
  load.recording = false;
  const delay = await loop.stop();
  load.stopped = true;
  await Promise.all(loops);
  return { ...usage, p50Us: latencyUs(50), p99Us: latencyUs(99), ...delay, ...used };
}

main().then((result) => {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
});
