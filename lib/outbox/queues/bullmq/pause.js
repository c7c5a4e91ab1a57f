'use strict';

const { DoubtCounter, backoff } = require('../health.js');

/**
 * The whole queue rests while the API is away, on all machines: BullMQ's rate limit keeps everybody from taking jobs for
 * a time, and its global concurrency of 1 has them try one by one afterwards.
 * @module
 */

/** Without a limit BullMQ does not look whether the queue rests. This one is never reached. */
const LIMITER = { max: 2 ** 31, duration: 1000 };

class BullPause {
  #queue;
  #emit;
  #doubts = new DoubtCounter();
  /** Pauses in a row that this process has asked for. */
  #pauses = 0;
  #pausedAt = 0;

  /**
   * @param {import('bullmq').Queue} queue
   * @param {import('../queue-outbox.js').Emit} emit
   */
  constructor(queue, emit) {
    this.#queue = queue;
    this.#emit = emit;
  }

  /**
   * Takes note of how an attempt went.
   * @param {import('../verdict.js').Health} health
   * @param {number} startedAt when the attempt began
   * @param {import('../../../../index.js').RefportError | null} error
   */
  async note(health, startedAt, error) {
    const isPaused = (await this.#queue.getGlobalConcurrency()) !== null;
    // What left before the pause tells nothing new, unless the server names a time.
    const isProbe = isPaused && startedAt >= this.#pausedAt;
    const isAway = this.#doubts.isAway(health, isProbe);
    if (isAway && (isProbe || !isPaused || error?.retryAfter !== undefined)) await this.#pause(error);
    else if (health === 'up' && isProbe) await this.#resume();
  }

  /** @param {import('../../../../index.js').RefportError | null} error */
  async #pause(error) {
    const wait = error?.retryAfter === undefined ? backoff(++this.#pauses) : Math.max(1, error.retryAfter * 1000);
    if ((await this.#queue.getRateLimitTtl(LIMITER.max)) >= wait) return;
    await this.#queue.setGlobalConcurrency(1);
    await this.#queue.rateLimit(wait);
    this.#pausedAt = Date.now();
    this.#emit('paused', { error, until: new Date(this.#pausedAt + wait) });
  }

  async #resume() {
    this.#pauses = 0;
    await this.#queue.removeGlobalConcurrency();
    this.#emit('resumed');
  }
}

module.exports = { BullPause, LIMITER };
