'use strict';

const { randomUUID } = require('node:crypto');
const { jobIdOf, listedEntryOf, parkedEntryOf, progressOf } = require('./job.js');
const { closeQueue } = require('./closing.js');
const turns = require('./turns.js');

/**
 * The entries as jobs of a queue in Redis: parked ones are its failed jobs.
 * @module
 */

const QUEUE = 'refport-outbox';
/** How long ids are remembered after delivery, in seconds. */
const REMEMBERED = 7 * 24 * 60 * 60;
/** Jobs that are read at a time. */
const PAGE = 100;
const WAITING = /** @type {const} */ (['wait', 'delayed']);
/** What BullMQ calls the states of entries. */
const JOB_STATES = /** @type {const} */ ({ sending: ['active'], pending: WAITING, parked: ['failed'] });

/** @typedef {import('../../entry.js').EntryState} EntryState */

class BullStore {
  #queue;
  #worker;
  #onClose;

  /**
   * @param {import('bullmq').Queue} queue
   * @param {InstanceType<typeof import('./worker.js').BullWorker> | undefined} worker
   * @param {() => void} onClose
   */
  constructor(queue, worker, onClose) {
    this.#queue = queue;
    this.#worker = worker;
    this.#onClose = onClose;
    // Each call that needs Redis fails by itself.
    queue.on('error', () => {});
  }

  /** @param {import('../conversion.js').Conversion} conversion */
  async add({ id, call, params }) {
    const jobId = jobIdOf(id);
    const token = randomUUID();
    // A job whose id exists is not added again.
    await this.#queue.add(call, { id, params, token }, { jobId, removeOnComplete: { age: REMEMBERED } });
    return !(await turns.record(this.#queue, { jobId, customer: params.customerExternalId, token }));
  }

  async *parked() {
    for await (const job of this.#jobs('parked')) yield parkedEntryOf(job);
  }

  /**
   * @param {EntryState} [state] all of them if it is not given
   * @returns {AsyncGenerator<import('../../entry.js').ListedEntry>}
   */
  async *entries(state) {
    for (const one of state ? [state] : /** @type {EntryState[]} */ (Object.keys(JOB_STATES))) {
      for await (const job of this.#jobs(one)) if (!progressOf(job).discarded) yield listedEntryOf(job, one);
    }
  }

  /**
   * @param {string} id
   * @returns {Promise<import('../../entry.js').ListedEntry | undefined>}
   */
  async find(id) {
    const job = await this.#queue.getJob(jobIdOf(id));
    if (!job || progressOf(job).discarded) return undefined;
    const jobState = await job.getState();
    if (jobState === 'completed') return undefined;
    return listedEntryOf(job, jobState === 'failed' ? 'parked' : jobState === 'active' ? 'sending' : 'pending');
  }

  /** @param {string} id */
  async resend(id) {
    return this.#retry(await this.#failed(id));
  }

  /**
   * The job is completed by a worker, so that its id stays known.
   * @param {string} id
   */
  async discard(id) {
    const job = await this.#failed(id);
    await job?.updateProgress({ ...progressOf(job), discarded: true });
    return this.#retry(job);
  }

  async stats() {
    const { active = 0, failed = 0, ...waiting } = await this.#queue.getJobCounts(...WAITING, 'active', 'failed');
    const pending = Object.values(waiting).reduce((sum, count) => sum + count, 0);
    return { pending, sending: active, parked: failed, oldest: pending + active > 0 ? await this.#oldest() : null };
  }

  /** @param {number} timeout milliseconds */
  async close(timeout) {
    await this.#worker?.close(timeout);
    this.#onClose();
    await closeQueue(this.#queue);
  }

  /**
   * The jobs that are in a state, oldest first.
   * @param {EntryState} state
   */
  async *#jobs(state) {
    const ids = await this.#queue.getRanges([...JOB_STATES[state]], 0, -1, true);
    for (let start = 0; start < ids.length; start += PAGE) {
      const jobs = await Promise.all(ids.slice(start, start + PAGE).map((id) => this.#queue.getJob(id)));
      // Someone may have decided or delivered meanwhile.
      for (const job of jobs) if (job && Boolean(job.finishedOn) === (state === 'parked')) yield job;
    }
  }

  /** @param {string} id */
  async #failed(id) {
    const job = await this.#queue.getJob(jobIdOf(id));
    return (await job?.isFailed()) ? job : undefined;
  }

  /** @param {import('bullmq').Job | undefined} job */
  async #retry(job) {
    if (!job) return false;
    try {
      await job.retry('failed');
      return true;
    } catch (error) {
      // Another was faster.
      if (await job.isFailed()) throw error;
      return false;
    }
  }

  async #oldest() {
    const jobs = await this.#queue.getJobs(['wait', 'active', 'delayed'], 0, PAGE, true);
    const times = jobs.filter(Boolean).map((job) => job.timestamp);
    return times.length > 0 ? new Date(Math.min(...times)) : null;
  }
}

module.exports = { BullStore, QUEUE };
