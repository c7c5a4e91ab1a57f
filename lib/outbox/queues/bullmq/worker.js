'use strict';

const { RefportError } = require('../../../client/errors.ts');
const { backoff } = require('../health.js');
const { send } = require('../send.js');
const { toStored } = require('../../stored-error.js');
const { judge } = require('../verdict.js');
const { closeWorker } = require('./closing.js');
const { conversionOf, entryOf, parkedEntryOf, progressOf } = require('./job.js');
const { BullPause, LIMITER } = require('./pause.js');
const turns = require('./turns.js');

/**
 * Delivers the jobs. BullMQ runs a job again when its worker has died; what must not be sent again is therefore marked
 * before it is sent.
 * @module
 */

/** How long a worker that has died holds its jobs, in milliseconds, and how often others look. */
const LOCK = 15_000;
const STALLED_INTERVAL = 5000;
/** How long a job steps aside for each that is before it, in milliseconds. */
const ASIDE = 50;
const MAX_ASIDE = 5000;
/** How long a worker that has found nothing sleeps at most, in seconds: after a pause nobody wakes it, nor to close it. */
const IDLE = 0.5;

/**
 * @typedef {object} WorkerSettings
 * @property {typeof import('bullmq')} bullmq
 * @property {import('bullmq').Queue} queue
 * @property {object} connection
 * @property {string} prefix
 * @property {import('../options.js').CheckedOptions} options
 * @property {import('../queue-outbox.js').Emit} emit
 */

class BullWorker {
  #bullmq;
  #queue;
  #options;
  #pause;
  #worker;
  #running;
  #cutOff = new AbortController();

  /** @param {WorkerSettings} settings */
  constructor({ bullmq, queue, connection, prefix, options, emit }) {
    this.#bullmq = bullmq;
    this.#queue = queue;
    this.#options = options;
    this.#pause = new BullPause(queue, emit);
    this.#worker = new bullmq.Worker(queue.name, (job, token) => this.#process(job, /** @type {string} */ (token)), {
      connection,
      prefix,
      concurrency: options.concurrency,
      lockDuration: LOCK,
      stalledInterval: STALLED_INTERVAL,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      limiter: LIMITER,
      drainDelay: IDLE,
      autorun: false,
    });
    this.#worker.on('completed', (job, response) => {
      if (!progressOf(job).discarded) emit('delivered', entryOf(job), response);
    });
    this.#worker.on('failed', (job) => {
      if (job) emit('parked', parkedEntryOf(job), parkedEntryOf(job).error);
    });
    // Redis is away: BullMQ tries again by itself.
    this.#worker.on('error', () => {});
    this.#running = this.#worker.run();
    this.#running.catch(() => {});
  }

  /** @param {number} timeout milliseconds */
  async close(timeout) {
    const cut = setTimeout(() => this.#cutOff.abort(), timeout);
    await closeWorker(this.#worker, this.#running, timeout);
    clearTimeout(cut);
  }

  /**
   * @param {import('bullmq').Job} job
   * @param {string} token of the lock that this worker has on it
   * @returns {Promise<unknown>} the response
   */
  async #process(job, token) {
    const { DelayedError, RateLimitError, UnrecoverableError } = this.#bullmq;
    try {
      return await this.#deliver(job, token);
    } catch (error) {
      if ([DelayedError, RateLimitError, UnrecoverableError].some((known) => error instanceof known)) throw error;
      // Redis failed. The job goes back, as it is known there.
      throw new RateLimitError();
    }
  }

  /**
   * @param {import('bullmq').Job} job
   * @param {string} token
   */
  async #deliver(job, token) {
    const progress = progressOf(job);
    if (progress.discarded) return null;
    const { parked } = progress;
    // Its worker died before BullMQ knew that it was parked. Otherwise somebody has decided to send it again.
    if (parked && job.attemptsMade === parked.failures) throw this.#parkedError(parked.reason, progress.error?.message);
    const conversion = conversionOf(job);
    if (progress.sending && !conversion.isRepeatable) return this.#park(job, progress, 'ambiguous', interrupted());
    const { attempts, error, since = job.timestamp } = progress;
    const state = { attempts, error, since: parked ? Date.now() : since };
    if (Date.now() - state.since > this.#options.maxAge) return this.#park(job, state, 'expired', null);
    await this.#awaitTurn(job, token, conversion);
    if (!conversion.isRepeatable) await this.#mark(job, token, state);
    return this.#attempt(job, token, conversion, state);
  }

  /**
   * @param {import('bullmq').Job} job
   * @param {string} token
   * @param {ReturnType<typeof conversionOf>} conversion
   * @param {import('./job.js').Progress} state
   */
  async #attempt(job, token, conversion, state) {
    const startedAt = Date.now();
    const { response, error } = await send(this.#options.refport, conversion, this.#cutOff.signal);
    const attempted = { ...state, attempts: state.attempts + (error?.attempts ?? 1), error: toStored(error) };
    if (!error) {
      await this.#pause.note('up', startedAt, null).catch(() => {});
      job.progress = attempted;
      return response;
    }
    const { park, health } = judge(error, conversion.isRepeatable);
    // Before the job is given back, so that nobody takes it at once.
    await this.#pause.note(health, startedAt, error);
    if (park) return this.#park(job, attempted, park, error);
    await job.updateProgress(attempted);
    if (health !== 'doubtful') throw new this.#bullmq.RateLimitError();
    return this.#stepAside(job, token, backoff(attempted.attempts));
  }

  /**
   * @param {import('bullmq').Job} job
   * @param {string} token
   * @param {import('../conversion.js').Conversion} conversion
   */
  async #awaitTurn(job, token, { params }) {
    const jobId = /** @type {string} */ (job.id);
    const ahead = await turns.ahead(this.#queue, { jobId, customer: params.customerExternalId });
    if (ahead > 0) await this.#stepAside(job, token, Math.min(ahead * ASIDE, MAX_ASIDE));
  }

  /**
   * Whoever takes the job next must know that it may have been sent. The lock is looked at after that: a worker that was
   * stopped for so long that the job was given to another must not send it, too.
   * @param {import('bullmq').Job} job
   * @param {string} token
   * @param {import('./job.js').Progress} state
   */
  async #mark(job, token, state) {
    await job.updateProgress({ ...state, sending: true });
    if (!(await job.extendLock(token, LOCK))) throw new Error('The job is no longer ours');
  }

  /**
   * @param {import('bullmq').Job} job
   * @param {string} token
   * @param {number} delay milliseconds
   * @returns {Promise<never>}
   */
  async #stepAside(job, token, delay) {
    await job.moveToDelayed(Date.now() + delay, token);
    throw new this.#bullmq.DelayedError();
  }

  /**
   * @param {import('bullmq').Job} job
   * @param {import('./job.js').Progress} state
   * @param {import('../../../../types/outbox.js').ParkedReason} reason
   * @param {import('../../../../index.js').RefportError | null} error
   * @returns {Promise<never>}
   */
  async #park(job, { attempts, since }, reason, error) {
    const parked = { reason, failures: job.attemptsMade };
    await job.updateProgress({ attempts, since, error: toStored(error), parked });
    throw this.#parkedError(reason, error?.message);
  }

  /** @param {string} reason @param {string | undefined} message */
  #parkedError(reason, message) {
    return new this.#bullmq.UnrecoverableError(message === undefined ? reason : `${reason}: ${message}`);
  }
}

function interrupted() {
  const message = 'The process that was sending this ended before it knew the answer';
  return new RefportError(message, { code: 'INTERRUPTED', ambiguous: true });
}

module.exports = { BullWorker };
