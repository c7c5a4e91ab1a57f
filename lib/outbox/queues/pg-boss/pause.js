'use strict';

const { toStored } = require('../../stored-error.js');
const { DoubtCounter, backoff } = require('../health.js');
const { PAUSE } = require('./queues.js');

/**
 * The whole outbox rests while the API is away, on all machines: as long as there is a job in a queue of its own. When
 * it is due, pg-boss gives it to one worker, and that one tries with one entry. If this fails the job is retried, with
 * pg-boss' own backoff; if the worker dies, too.
 * @module
 */

const KEY = 'pause';
/** How long workers wait before they ask again whether the outbox still rests, in milliseconds. */
const POLL = 500;

/** @typedef {{ id: string, retryCount: number }} Probe the pause, if it is this worker's turn to try */

class PgPause {
  #queues;
  #emit;
  #doubts = new DoubtCounter();
  /** @type {Probe | null} */
  #probe = null;

  /**
   * @param {InstanceType<typeof import('./queues.js').PgQueues>} queues
   * @param {import('../queue-outbox.js').Emit} emit
   */
  constructor(queues, emit) {
    this.#queues = queues;
    this.#emit = emit;
  }

  /**
   * How many of so many entries may be sent now.
   * @param {number} free
   */
  async allowance(free) {
    const boss = await this.#queues.ready();
    const [pause] = await boss.findJobs(PAUSE, { key: KEY, limit: 1 });
    if (!pause) return free;
    if (this.#probe) {
      await boss.touch(PAUSE, this.#probe);
      return 0;
    }
    [this.#probe = null] = await boss.fetch(PAUSE, { includeMetadata: true });
    return this.#probe ? 1 : 0;
  }

  /**
   * Takes note of how an attempt went.
   * @param {import('../verdict.js').Health} health
   * @param {Probe | null} probe
   * @param {import('../../../../index.js').RefportError | null} error
   */
  async note(health, probe, error) {
    const isAway = this.#doubts.isAway(health, probe !== null);
    if (probe) await this.#settle(probe, isAway, health, error);
    else if (isAway) await this.#begin(/** @type {import('../../../../index.js').RefportError} */ (error));
  }

  /** The probe that {@link allowance} has got, for the entry it is made with. */
  takeProbe() {
    return this.#probe;
  }

  /** There was nothing to try with: the next worker may. */
  async release() {
    if (this.#probe) await this.#end(this.#probe);
  }

  /** @param {import('../../../../index.js').RefportError} error */
  async #begin(error) {
    const boss = await this.#queues.ready();
    const until = new Date(Date.now() + waitOf(error));
    const options = { singletonKey: KEY, startAfter: until };
    const isNew = (await boss.send(PAUSE, { error: toStored(error) }, options)) !== null;
    if (isNew) this.#emit('paused', { error, until });
    else if (error.retryAfter !== undefined) await this.#extend(until, error);
  }

  /**
   * @param {Date} until
   * @param {import('../../../../index.js').RefportError} error
   */
  async #extend(until, error) {
    const boss = await this.#queues.ready();
    const [pause] = await boss.findJobs(PAUSE, { key: KEY, queued: true, limit: 1 });
    if (!pause || new Date(pause.startAfter) >= until) return;
    await boss.update(PAUSE, undefined, { id: pause.id, startAfter: until });
    this.#emit('paused', { error, until });
  }

  /**
   * @param {Probe} probe
   * @param {boolean} isAway
   * @param {import('../verdict.js').Health} health
   * @param {import('../../../../index.js').RefportError | null} error
   */
  async #settle(probe, isAway, health, error) {
    if (health !== 'unknown' && !isAway) {
      await this.#end(probe);
      if (health === 'up') this.#emit('resumed');
      return;
    }
    const boss = await this.#queues.ready();
    await boss.fail(PAUSE, probe, { error: toStored(error) });
    this.#probe = null;
    if (error?.retryAfter !== undefined) {
      await boss.update(PAUSE, undefined, { id: probe.id, startAfter: new Date(Date.now() + waitOf(error)) });
    }
    const [pause] = await boss.findJobs(PAUSE, { id: probe.id });
    if (pause) this.#emit('paused', { error, until: new Date(pause.startAfter) });
  }

  /** @param {Probe} probe */
  async #end(probe) {
    const boss = await this.#queues.ready();
    await boss.deleteJob(PAUSE, probe);
    this.#probe = null;
  }
}

/** @param {import('../../../../index.js').RefportError} error */
const waitOf = ({ retryAfter }) => (retryAfter === undefined ? backoff(1) : retryAfter * 1000);

module.exports = { POLL, PgPause };
