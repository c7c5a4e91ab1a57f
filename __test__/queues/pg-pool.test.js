'use strict';

// The first use of an outbox may be in transactions that hold every connection of its pool.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const pg = require('pg');
const { lead } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox over a pool whose connections are all taken', () => {
  const setting = pgSetting();

  /** @param {import('node:test').TestContext} t @param {string} schema */
  function openOverPool(t, schema) {
    const pool = new pg.Pool({ connectionString: setting.server.url, max: 2 });
    t.after(() => pool.end());
    const db = {
      executeSql: (/** @type {string} */ text, /** @type {unknown[]=} */ values) => pool.query(text, values),
    };
    return { pool, open: () => setting.open(t, null, { schema, db: /** @type {any} */ (db) }) };
  }

  /** @param {any} outbox @param {pg.PoolClient[]} clients */
  async function recordInEach(outbox, clients) {
    for (const client of clients) await client.query('BEGIN');
    const recorded = clients.map((client, i) =>
      outbox.track.lead(lead(`user_${i}`), {
        db: { executeSql: (/** @type {string} */ text, /** @type {unknown[]} */ values) => client.query(text, values) },
      }),
    );
    const results = await Promise.all(recorded);
    for (const client of clients) {
      await client.query('COMMIT');
      client.release();
    }
    return results;
  }

  test('records in transactions that were begun before the outbox was opened', { timeout: 20_000 }, async (t) => {
    const schema = setting.newSchema();
    const first = setting.open(t, null, { schema });
    await first.stats();
    const { pool, open } = openOverPool(t, schema);
    const clients = await Promise.all([pool.connect(), pool.connect()]);
    const outbox = open();
    const results = await recordInEach(outbox, clients);
    assert.deepEqual(
      results.map(({ duplicate }) => duplicate),
      [false, false],
    );
    assert.equal((await outbox.stats()).pending, 2);
  });

  test('makes its schema when it is constructed, before anything is recorded', { timeout: 20_000 }, async (t) => {
    const schema = setting.newSchema();
    openOverPool(t, schema).open();
    const isThere = async () => {
      const [{ there }] = await setting.query(`SELECT to_regclass('${schema}.job') IS NOT NULL AS there`);
      if (!there) return false;
      return (await setting.query(`SELECT FROM ${schema}.queue WHERE name LIKE 'refport-outbox%'`)).length === 3;
    };
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
