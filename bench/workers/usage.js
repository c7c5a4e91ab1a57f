'use strict';

/** CPU time and memory of this process, read at the ends of a measured window. */

const fs = require('node:fs');
const { performance } = require('node:perf_hooks');

const SCHEDSTAT = `/proc/self/task/${process.pid}/schedstat`;
const countsMainThread = fs.existsSync(SCHEDSTAT);

/**
 * CPU time of the main thread in µs, whose thread id is the process id; null where the system does not tell (not Linux).
 * `process.threadCpuUsage` would, but not before Node 23.
 */
function mainThreadCpuUs() {
  return countsMainThread ? Number(fs.readFileSync(SCHEDSTAT, 'utf8').split(' ', 1)[0]) / 1e3 : null;
}

function snapshot() {
  return {
    at: performance.now(),
    loop: performance.eventLoopUtilization(),
    main: mainThreadCpuUs(),
    process: process.cpuUsage(),
  };
}

/**
 * The resources used between two snapshots, per call.
 * @param {ReturnType<typeof snapshot>} before
 * @param {ReturnType<typeof snapshot>} after
 * @param {number} calls
 */
function perCall(before, after, calls) {
  const { user, system } = after.process;
  return {
    callsPerSecond: (calls / (after.at - before.at)) * 1e3,
    mainLoopUs: (performance.eventLoopUtilization(after.loop, before.loop).active * 1e3) / calls,
    mainCpuUs: before.main === null || after.main === null ? null : (after.main - before.main) / calls,
    processCpuUs: (user + system - before.process.user - before.process.system) / calls,
  };
}

/** Resident memory, now and at its highest, in MB. */
function memory() {
  return { rssMb: process.memoryUsage.rss() / 1e6, peakRssMb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
}

module.exports = { snapshot, perCall, memory };
