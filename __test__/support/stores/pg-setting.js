'use strict';

// A PgOutbox under test on a Postgres of the test's file, in a schema that nobody has used.

const { after, before } = require('node:test');
const pg = require('pg');
const { PgOutbox } = require('refport/outbox/pg-boss');
const { startPostgres } = require('./postgres.js');

/** @typedef {import('refport/outbox/pg-boss').PgOutboxOptions} PgOutboxOptions */

/** @param {Record<string, string>} [settings] of the server */
function pgSetting(settings) {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let server;
  /** @type {pg.Pool} */
  let pool;
  let schemas = 0;
  before(async () => {
    server = await startPostgres(settings);
    pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => {});
  });
  after(async () => {
    await pool.end();
    await server.stop();
  });
  return {
    get server() {
      return server;
    },
    get pool() {
      return pool;
    },
    newSchema: () => `schema_${++schemas}`,
    /**
     * @param {import('node:test').TestContext} t
     * @param {any} client
     * @param {Partial<PgOutboxOptions>} options
     * @returns {any} whose events `node:events` can wait for
     */
    open(t, client, options) {
      const place = options.db ? {} : { connectionString: server.url };
      const outbox = new PgOutbox(client, { ...place, ...options });
      t.after(() => outbox.close({ timeout: 0 }));
      return outbox;
    },
    /** Rows of a statement about the jobs of a schema. @param {string} text @param {unknown[]} [values] @returns {Promise<any[]>} */
    async query(text, values) {
      return (await pool.query(text, values)).rows;
    },
    /**
     * A database of pg-boss over a pool of the test's, which shows each statement before it runs.
     * @param {(text: string, run: () => Promise<{ rows: any[] }>) => Promise<{ rows: any[] }>} intercept
     */
    database: (intercept) => ({
      executeSql: (/** @type {string} */ text, /** @type {unknown[]=} */ values) =>
        intercept(text, async () => {
          const result = await pool.query(text, values);
          return { rows: Array.isArray(result) ? result.flatMap(({ rows }) => rows) : result.rows };
        }),
    }),
  };
}

module.exports = { pgSetting };
