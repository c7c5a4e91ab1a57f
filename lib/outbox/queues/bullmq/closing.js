'use strict';

const { GRACE, endsWithin } = require('../patience.js');

/**
 * Lets go of Redis, whether it answers or not. BullMQ's own orderly close waits for an answer that may never come, and
 * cannot be forced once it has begun.
 * @module
 */

/**
 * @param {import('bullmq').Worker} worker
 * @param {Promise<void>} running what its `run` has returned
 * @param {number} timeout how long to wait for its jobs, in milliseconds
 */
async function closeWorker(worker, running, timeout) {
  await worker.pause(true);
  await endsWithin(timeout + GRACE, running);
  // There are no jobs any more, or no time.
  await worker.close(true);
}

/** @param {import('bullmq').Queue} queue */
async function closeQueue(queue) {
  if (!(await endsWithin(GRACE, queue.close()))) await endsWithin(GRACE, queue.disconnect());
}

module.exports = { closeQueue, closeWorker };
