'use strict';

const { RefportError } = require('../../../client/errors.ts');
const { WAITS } = require('../health.js');
const { GRACE, endsWithin } = require('../patience.js');
const { customerKey } = require('./job.js');

/**
 * The queues of the outbox in pg-boss, and the connection to it.
 * @module
 */

/** Entries that wait or are on the wire; those that were delivered stay for a while, so that their ids are known. */
const ENTRIES = 'refport-outbox';
/** Parked entries. */
const PARKED = 'refport-outbox-parked';
/** At most one job: the outbox rests until it is due, and whoever takes it tries whether the API is back. */
const PAUSE = 'refport-outbox-pause';

const DAY = 24 * 60 * 60;
/** How long ids are remembered after delivery, in seconds. */
const REMEMBERED = 7 * DAY;
/** Nothing that waits is deleted. */
const FOREVER = 60 * 365 * DAY;
/** How long a worker that has died holds its jobs, in seconds, and how often others look. */
const HEARTBEAT = 15;
const SUPERVISE_INTERVAL = 5;
const RETRIES = { retryLimit: 2 ** 31 - 1, retryBackoff: true, retryDelay: WAITS.first / 1000 };

/** @typedef {'worker' | 'producer' | 'operator'} Role an operator works with what is there and creates nothing */

class PgQueues {
  #boss;
  #schema;
  #creates;
  /** @type {Promise<void> | undefined} */
  #ready;

  /**
   * @param {typeof import('pg-boss')} pgBoss
   * @param {import('pg-boss').ConstructorOptions & { schema: string }} options
   * @param {Role} role
   */
  constructor(pgBoss, options, role) {
    const isWorker = role === 'worker';
    this.#schema = options.schema;
    this.#creates = role !== 'operator';
    this.#boss = new pgBoss.PgBoss({
      ...options,
      migrate: this.#creates,
      schedule: false,
      supervise: isWorker,
      superviseIntervalSeconds: SUPERVISE_INTERVAL,
      monitorIntervalSeconds: SUPERVISE_INTERVAL,
    });
    // Each call that needs Postgres fails by itself.
    this.#boss.on('error', () => {});
    if (isWorker) this.ready().catch(() => {});
  }

  /**
   * pg-boss with its tables and queues; tried anew after a failure.
   * @returns {Promise<import('pg-boss').PgBoss>}
   */
  async ready() {
    this.#ready ??= this.#start();
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
    return this.#boss;
  }

  async #start() {
    await this.#boss.start();
    if (!this.#creates) return this.#assertThere();
    const kept = { retentionSeconds: FOREVER };
    const retries = { ...RETRIES, retryDelayMax: WAITS.longest / 1000 };
    await this.#boss.createQueue(PARKED, kept);
    await this.#boss.createQueue(PAUSE, { ...kept, ...retries, policy: 'exclusive', heartbeatSeconds: HEARTBEAT });
    await this.#boss.createQueue(ENTRIES, {
      ...kept,
      ...retries,
      policy: 'key_strict_fifo',
      deleteAfterSeconds: REMEMBERED,
      heartbeatSeconds: HEARTBEAT,
    });
  }

  async #assertThere() {
    if (await this.#boss.getQueue(ENTRIES)) return;
    throw new RefportError(`There is no outbox in the schema ${this.#schema}`, { code: 'OUTBOX_FAILED' });
  }

  /**
   * Has several changes be made or none.
   * @template T
   * @param {(boss: import('pg-boss').PgBoss, connection: import('pg-boss').ConnectionOptions) => Promise<T>} change
   * @returns {Promise<T>}
   */
  async atomically(change) {
    const boss = await this.ready();
    const transaction = await boss.getDb().beginTransaction();
    try {
      const result = await change(boss, { db: transaction.db });
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  async close() {
    const stopped = (async () => {
      await this.#ready?.catch(() => {});
      await this.#boss.stop({ graceful: false });
    })();
    await endsWithin(GRACE, stopped);
  }
}

/**
 * Leaves a completed job, so that the id stays known.
 * @param {import('pg-boss').PgBoss} boss
 * @param {string} jobId
 * @param {import('./job.js').JobData} data
 * @param {number} deleteAfterSeconds 0: never
 * @param {import('pg-boss').ConnectionOptions} connection
 */
async function remember(boss, jobId, data, deleteAfterSeconds, connection) {
  const options = { id: jobId, singletonKey: customerKey(data), deleteAfterSeconds, ...connection };
  await boss.send(ENTRIES, { id: data.id }, options);
  await boss.complete(ENTRIES, jobId, null, { includeQueued: true, ...connection });
}

module.exports = { ENTRIES, HEARTBEAT, PARKED, PAUSE, PgQueues, REMEMBERED, remember };
