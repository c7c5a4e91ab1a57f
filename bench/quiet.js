'use strict';

/** Whether the machine has time for a measurement that others would spoil. */

const os = require('node:os');
const { setTimeout: wait } = require('node:timers/promises');

const WINDOW_MS = 200;

/** How many cores something else uses, while this process and its server have nothing to do. */
async function busyCores() {
  const before = busyMs();
  const started = performance.now();
  await wait(WINDOW_MS);
  return (busyMs() - before) / (performance.now() - started);
}

/** Of all cores, since the machine started. */
function busyMs() {
  return os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

module.exports = { busyCores };
