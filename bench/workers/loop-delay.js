'use strict';

const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout: wait } = require('node:timers/promises');

const RESOLUTION_MS = 1;

/**
 * Watches how late the loop's timers fire. A sample is the time between two firings of a 1 ms timer, so 1 ms is
 * taken off: what remains is the time for which the loop could not run anything else.
 */
async function watchLoop() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // Without a first firing before the work starts, a block right at its start would go unseen.
  await wait(20);
  histogram.reset();
  return {
    /** Also waits out the sample that the last block falls into. */
    async stop() {
      await wait(10);
      histogram.disable();
      const late = (/** @type {number} */ ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
      return { loopP99Ms: late(histogram.percentile(99)), loopMaxMs: late(histogram.max) };
    },
  };
}

module.exports = { watchLoop };
