'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/**
 * Lets go of Redis, whether it answers or not.
 * @module
 */

/** How long closing waits for Redis alone, in milliseconds. */
const GRACE = 2000;

/**
 * @param {{ close: () => Promise<void>, disconnect: () => Promise<void> }} connected
 * @param {number} timeout milliseconds
 */
async function closeWithin(connected, timeout) {
  const giveUp = new AbortController();
  const late = sleep(timeout, true, { signal: giveUp.signal }).catch(() => false);
  const isLate = await Promise.race([connected.close().catch(() => {}), late]);
  giveUp.abort();
  // It would go on connecting.
  if (isLate) connected.disconnect().catch(() => {});
}

module.exports = { GRACE, closeWithin };
