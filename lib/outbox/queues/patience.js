'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

/** How long closing waits for the store alone, in milliseconds. */
const GRACE = 2000;

/**
 * @param {number} timeout milliseconds
 * @param {Promise<unknown>} end however it ends
 * @returns {Promise<boolean>} whether it did
 */
async function endsWithin(timeout, end) {
  const giveUp = new AbortController();
  const late = sleep(timeout, false, { signal: giveUp.signal }).catch(() => false);
  const ended = end.then(
    () => true,
    () => true,
  );
  const isEnded = await Promise.race([ended, late]);
  giveUp.abort();
  return isEnded;
}

module.exports = { GRACE, endsWithin };
