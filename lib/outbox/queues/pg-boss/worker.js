'use strict';

const { RefportError } = require('../../../client/errors.ts');
const { GRACE, endsWithin } = require('../patience.js');
const { send } = require('../send.js');
const { storeError } = require('../store-error.js');
const { toStored } = require('../../stored-error.js');
const { judge } = require('../verdict.js');
const { attemptsOf, conversionOf, entryOf, parkedEntryOf } = require('./job.js');
const { PgPause, POLL } = require('./pause.js');
const { ENTRIES, HEARTBEAT, PARKED, remember } = require('./queues.js');

/**
 * Delivers the jobs: as many are fetched as can be sent at once, so that a job that is active is on the wire. pg-boss
 * gives a job to another worker when its own has died; that one sees that the attempt before left nothing.
 * @module
 */

/** @typedef {import('pg-boss').JobWithMetadata<import('./job.js').JobData>} Job */

class PgWorker {
  #queues;
  #options;
  #emit;
  #pause;
  /** The jobs on the wire. @type {Map<Promise<void>, Job>} */
  #active = new Map();
  #cutOff = new AbortController();
  #isClosing = false;
  #wake = () => {};
  #loop;
  #heart;

  /**
   * @param {InstanceType<typeof import('./queues.js').PgQueues>} queues
   * @param {import('../options.js').CheckedOptions} options
   * @param {import('../queue-outbox.js').Emit} emit
   */
  constructor(queues, options, emit) {
    this.#queues = queues;
    this.#options = options;
    this.#emit = emit;
    this.#pause = new PgPause(queues, emit);
    this.#loop = this.#run();
    // Postgres is away: others get the jobs if it lasts.
    this.#heart = setInterval(() => this.#beat().catch(() => {}), (HEARTBEAT / 3) * 1000);
  }

  /** There may be something to send. */
  wake() {
    this.#wake();
  }

  /** @param {number} timeout milliseconds */
  async close(timeout) {
    this.#isClosing = true;
    this.wake();
    const cut = setTimeout(() => this.#cutOff.abort(), timeout);
    const settled = this.#loop.then(() => Promise.all(this.#active.keys()));
    await endsWithin(timeout + GRACE, settled);
    this.#cutOff.abort();
    clearTimeout(cut);
    clearInterval(this.#heart);
  }

  async #run() {
    let isStoreAway = false;
    while (!this.#isClosing) {
      try {
        const isMore = await this.#fetch();
        if (isStoreAway) this.#emit('resumed');
        isStoreAway = false;
        if (!isMore) await this.#idle();
      } catch (cause) {
        if (!isStoreAway) this.#emit('paused', { error: storeError(cause), until: new Date(Date.now() + POLL) });
        isStoreAway = true;
        await this.#idle();
      }
    }
  }

  /** Waits for the next look, or for a reason to look at once. */
  #idle() {
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        const timer = setTimeout(resolve, POLL);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      })
    );
  }

  /** @returns {Promise<boolean>} whether there may be more to send at once */
  async #fetch() {
    const free = this.#options.concurrency - this.#active.size;
    const allowed = free > 0 ? await this.#pause.allowance(free) : 0;
    if (allowed === 0) return false;
    const probe = this.#pause.takeProbe();
    const boss = await this.#queues.ready();
    /** @type {Job[]} */
    const jobs = await boss.fetch(ENTRIES, { batchSize: allowed, includeMetadata: true });
    if (jobs.length === 0) await this.#pause.release();
    for (const job of jobs) {
      const delivery = this.#deliver(job, probe)
        // It is closed, and Postgres was not told: another worker finds out that this one has left nothing.
        .catch(() => {})
        .finally(() => {
          this.#active.delete(delivery);
          this.wake();
        });
      this.#active.set(delivery, job);
    }
    return jobs.length === free;
  }

  /** @param {Job} job @param {import('./pause.js').Probe | null} probe */
  async #deliver(job, probe) {
    const { data } = job;
    const left = /** @type {Partial<import('./job.js').Left> | null} */ (job.output);
    const conversion = conversionOf(data);
    const attempts = attemptsOf(job);
    // The process of the attempt before died, and may have sent it.
    const isInterrupted = job.retryCount > 0 && !left?.waits;
    if (isInterrupted && !conversion.isRepeatable) return this.#park(job, 'ambiguous', interrupted(), attempts);
    if (Date.now() - Date.parse(data.since) > this.#options.maxAge) return this.#park(job, 'expired', null, attempts);
    const { response, error } = await send(this.#options.refport, conversion, this.#cutOff.signal);
    await this.#settle(job, { response, error, attempts: attempts + (error?.attempts ?? 1) }, probe);
  }

  /**
   * @param {Job} job
   * @param {{ response: any, error: import('../../../../index.js').RefportError | null, attempts: number }} outcome
   * @param {import('./pause.js').Probe | null} probe
   */
  async #settle(job, { response, error, attempts }, probe) {
    const attempt = attemptOf(job);
    if (!error) {
      const { affected } = await this.#persist((boss) => boss.complete(ENTRIES, attempt, null));
      await this.#persist(() => this.#pause.note('up', probe, null));
      if (affected > 0) this.#emit('delivered', entryOf({ ...job.data, attempts }), response);
      return;
    }
    const { park, health } = judge(error, conversionOf(job.data).isRepeatable);
    // Before the job is given back, so that nobody takes it at once.
    await this.#persist(() => this.#pause.note(health, probe, error));
    if (park) return this.#park(job, park, error, attempts);
    await this.#persist((boss) => boss.fail(ENTRIES, attempt, { waits: true, attempts, error: toStored(error) }));
    // The entry is not to blame: it does not wait longer than the outbox.
    if (health !== 'doubtful') {
      await this.#persist((boss) => boss.update(ENTRIES, undefined, { id: job.id, startAfter: new Date() }));
    }
  }

  /**
   * @param {Job} job
   * @param {import('../../../../types/outbox.js').ParkedReason} reason
   * @param {import('../../../../index.js').RefportError | null} error
   * @param {number} attempts
   */
  async #park(job, reason, error, attempts) {
    const data = { ...job.data, attempts, reason, error: toStored(error) };
    const isOurs = await this.#persist(() =>
      this.#queues.atomically(async (boss, connection) => {
        const { affected } = await boss.deleteJob(ENTRIES, attemptOf(job), connection);
        if (affected === 0) return false;
        await boss.send(PARKED, data, { id: job.id, ...connection });
        // Its id is known as long as it is parked, and longer.
        await remember(boss, job.id, data, 0, connection);
        return true;
      }),
    );
    if (isOurs) this.#emit('parked', parkedEntryOf(data), error);
  }

  /**
   * Makes a change as soon as Postgres takes it. It says which attempt it is about, so that it may be late.
   * @template T
   * @param {(boss: import('pg-boss').PgBoss) => Promise<T>} change
   * @returns {Promise<T>}
   */
  async #persist(change) {
    for (;;) {
      try {
        return await change(await this.#queues.ready());
      } catch (error) {
        if (this.#cutOff.signal.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, POLL));
      }
    }
  }

  /** Tells pg-boss that this process lives. */
  async #beat() {
    const attempts = [...this.#active.values()].map(attemptOf);
    if (attempts.length === 0) return;
    const boss = await this.#queues.ready();
    await boss.touch(ENTRIES, attempts);
  }
}

/** @param {Job} job */
const attemptOf = ({ id, retryCount }) => ({ id, retryCount });

function interrupted() {
  const message = 'The process that was sending this ended before it knew the answer';
  return new RefportError(message, { code: 'INTERRUPTED', ambiguous: true });
}

module.exports = { PgWorker };
