'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/**
 * Lets go of Redis, whether it answers or not.
 * @module
 */

/** How long closing waits for Redis alone, in milliseconds. */
const GRACE = 2000;

/**
 * @param {{ close: () => Promise<void>, getBackend: () => import('bullmq').IQueueBackend }} connected
 * @param {number} timeout milliseconds
 */
async function closeWithin(connected, timeout) {
  const giveUp = new AbortController();
  const late = sleep(timeout, true, { signal: giveUp.signal }).catch(() => false);
  const isLate = await Promise.race([connected.close().catch(() => {}), late]);
  giveUp.abort();
  if (!isLate) return;
  // They would keep the process alive: BullMQ stops them when Redis has answered, which it may never do.
  connected
    .getBackend()
    .close(true)
    .catch(() => {});
  await /** @type {any} */ (connected).lockManager?.close();
}

module.exports = { GRACE, closeWithin };
