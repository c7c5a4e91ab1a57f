'use strict';

const { checkDatabase } = require('./database.js');
const { customerKey, dataOf, jobIdOf, listedEntryOf, parkedEntryOf } = require('./job.js');
const { ENTRIES, PARKED, REMEMBERED, remember } = require('./queues.js');

/**
 * The entries as jobs in Postgres. A parked one is a job of a queue that nobody works on, since a failed one would hold
 * up those of the same customer; what it leaves among the entries is completed and keeps its id known.
 * @module
 */

/** Jobs that are read at a time. */
const PAGE = 100;
/** Which jobs are the entries of a state; pg-boss' states have an order. */
const JOBS = {
  sending: { queue: ENTRIES, condition: "state = 'active'" },
  pending: { queue: ENTRIES, condition: "state < 'active'" },
  parked: { queue: PARKED, condition: "state < 'active'" },
};
/** Before all jobs. */
const START = { position: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/** @typedef {import('../../listed-entry.ts').EntryState} EntryState */

/**
 * @typedef {object} Row
 * @property {string} id
 * @property {string} position when the job was made: with microseconds, which dates don't have
 * @property {import('./job.js').JobData} data
 * @property {object | null} output
 */

class PgStore {
  #queues;
  #schema;
  #worker;
  /** What is being recorded last for each customer. @type {Map<string, Promise<boolean>>} */
  #last = new Map();

  /**
   * @param {InstanceType<typeof import('./queues.js').PgQueues>} queues
   * @param {string} schema
   * @param {InstanceType<typeof import('./worker.js').PgWorker> | undefined} worker
   */
  constructor(queues, schema, worker) {
    this.#queues = queues;
    this.#schema = schema;
    this.#worker = worker;
  }

  /**
   * @param {import('../conversion.js').Conversion} conversion
   * @param {{ db?: unknown }} options
   */
  async add(conversion, options) {
    const db = checkDatabase(options.db);
    const isNew = db ? await this.#send(conversion, { db }) : await this.#inOrder(conversion);
    this.#worker?.wake();
    return !isNew;
  }

  /**
   * Calls are made over several connections; those about one customer wait for each other.
   * @param {import('../conversion.js').Conversion} conversion
   */
  #inOrder(conversion) {
    const customer = conversion.params.customerExternalId;
    const send = () => this.#send(conversion, {});
    const sent = (this.#last.get(customer) ?? Promise.resolve()).then(send, send);
    this.#last.set(customer, sent);
    const forget = () => this.#last.get(customer) === sent && this.#last.delete(customer);
    sent.then(forget, forget);
    return sent;
  }

  /**
   * @param {import('../conversion.js').Conversion} conversion
   * @param {import('pg-boss').ConnectionOptions} connection
   * @returns {Promise<boolean>} whether its id is new
   */
  async #send(conversion, connection) {
    const boss = await this.#queues.ready();
    const data = dataOf(conversion);
    const options = { id: jobIdOf(conversion.id), singletonKey: customerKey(data), ...connection };
    return (await boss.send(ENTRIES, data, options)) !== null;
  }

  async *parked() {
    for await (const { data } of this.#jobs('parked')) {
      yield parkedEntryOf(/** @type {import('./job.js').ParkedData} */ (data));
    }
  }

  /**
   * @param {EntryState} [state] all of them if it is not given
   * @returns {AsyncGenerator<import('../../listed-entry.ts').ListedEntry>}
   */
  async *entries(state) {
    for (const one of state ? [state] : /** @type {EntryState[]} */ (Object.keys(JOBS))) {
      for await (const job of this.#jobs(one)) yield listedEntryOf(job, one);
    }
  }

  /**
   * @param {string} id
   * @returns {Promise<import('../../listed-entry.ts').ListedEntry | undefined>}
   */
  async find(id) {
    for (const state of /** @type {EntryState[]} */ (Object.keys(JOBS))) {
      for await (const job of this.#jobs(state, jobIdOf(id))) return listedEntryOf(job, state);
    }
    return undefined;
  }

  /** @param {string} id */
  resend(id) {
    return this.#decide(id, async (boss, data, connection) => {
      const { reason, error, ...recorded } = data;
      const again = { ...recorded, since: new Date().toISOString() };
      await boss.send(ENTRIES, again, { id: jobIdOf(id), singletonKey: customerKey(data), ...connection });
    });
  }

  /** @param {string} id */
  discard(id) {
    return this.#decide(id, (boss, data, connection) => remember(boss, jobIdOf(id), data, REMEMBERED, connection));
  }

  async stats() {
    const boss = await this.#queues.ready();
    const { rows } = await boss.getDb().executeSql(
      `SELECT count(*) FILTER (WHERE name = $1 AND state < 'active')::int AS pending,
              count(*) FILTER (WHERE name = $1 AND state = 'active')::int AS sending,
              count(*) FILTER (WHERE name = $2)::int AS parked,
              min(created_on) FILTER (WHERE name = $1) AS oldest
       FROM ${this.#schema}.job WHERE name IN ($1, $2) AND state <= 'active'`,
      [ENTRIES, PARKED],
    );
    const counts = /** @type {import('../../../../types/outbox.js').OutboxStats} */ (/** @type {unknown} */ (rows[0]));
    // Not every adapter makes dates of dates.
    return { ...counts, oldest: counts.oldest && new Date(counts.oldest) };
  }

  /**
   * The jobs that are in a state, oldest first: a page at a time, since pg-boss' own search ends where the last one of a
   * page has been decided about.
   * @param {Exclude<EntryState, 'held'>} state
   * @param {string} [jobId] only this one
   * @returns {AsyncGenerator<Row>}
   */
  async *#jobs(state, jobId) {
    const boss = await this.#queues.ready();
    const { queue, condition } = JOBS[state];
    let last = START;
    for (;;) {
      const { rows } = await boss.getDb().executeSql(
        `SELECT id, data, output, to_char(created_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
         FROM ${this.#schema}.job
         WHERE name = $1 AND ${condition} AND ($2::uuid IS NULL OR id = $2)
           AND (created_on, id) > ($3::timestamptz, $4::uuid)
         ORDER BY created_on, id LIMIT ${PAGE}`,
        [queue, jobId ?? null, last.position, last.id],
      );
      const page = /** @type {Row[]} */ (/** @type {unknown} */ (rows));
      yield* page;
      if (page.length < PAGE) return;
      last = /** @type {Row} */ (page.at(-1));
    }
  }

  /** @param {number} timeout milliseconds */
  async close(timeout) {
    await this.#worker?.close(timeout);
    await this.#queues.close();
  }

  /**
   * Takes an entry out of the parked ones and does with it what somebody has decided.
   * @param {string} id
   * @param {(boss: import('pg-boss').PgBoss, data: import('./job.js').ParkedData,
   *   connection: import('pg-boss').ConnectionOptions) => Promise<void>} act
   */
  async #decide(id, act) {
    const jobId = jobIdOf(id);
    const decided = await this.#queues.atomically(async (boss, connection) => {
      const [job] = await boss.findJobs(PARKED, { id: jobId, ...connection });
      if (!job) return false;
      // Whoever deletes it has decided; another who tries at the same time finds nothing to delete.
      const { affected } = await boss.deleteJob(PARKED, jobId, connection);
      if (affected === 0) return false;
      await boss.deleteJob(ENTRIES, jobId, connection);
      await act(boss, /** @type {import('./job.js').ParkedData} */ (job.data), connection);
      return true;
    });
    this.#worker?.wake();
    return decided;
  }
}

module.exports = { PgStore };
