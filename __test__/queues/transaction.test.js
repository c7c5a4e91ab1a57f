'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const pg = require('pg');
const { PgOutbox } = require('refport/outbox/pg-boss');
const { rejectionOf } = require('../support/refport-client.js');
const { openOutbox, sale, startApi } = require('../support/outbox-conformance/setting.js');
const { startPostgres } = require('../support/stores/postgres.js');

describe('PgOutbox in a transaction of the caller', () => {
  /** @type {Awaited<ReturnType<typeof startPostgres>>} */
  let server;
  /** @type {import('pg').Client} */
  let client;
  before(async () => {
    server = await startPostgres();
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('CREATE TABLE orders (id text PRIMARY KEY)');
  });
  after(async () => {
    await client.end();
    await server.stop();
  });
  /**
   * @param {import('node:test').TestContext} t
   * @param {{ url: string }} api
   * @param {string} area
   * @param {() => import('refport/outbox/pg-boss').PgOutboxOptions} options
   */
  const open = (t, api, area, options) =>
    openOutbox(
      t,
      { newArea: () => area, open: (refport, schema) => new PgOutbox(refport, { ...options(), schema }) },
      api,
    );
  const byConnection = () => ({ connectionString: server.url });
  /** @type {import('refport/outbox/pg-boss').PgDatabase} */
  const db = { executeSql: (text, values) => client.query(text, values) };

  /** @param {any} outbox @param {string} order @param {'COMMIT' | 'ROLLBACK'} end */
  async function buy(outbox, order, end) {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders VALUES ($1)', [order]);
    const recorded = await outbox.track.sale(sale('user_1', { invoiceId: order }), { db });
    await client.query(end);
    return recorded;
  }

  test('reports an order that is committed, and none that is rolled back', async (t) => {
    const api = await startApi(t);
    const outbox = open(t, api, 'transaction', byConnection);
    assert.equal((await buy(outbox, 'order_1', 'ROLLBACK')).duplicate, false);
    assert.equal((await buy(outbox, 'order_2', 'COMMIT')).duplicate, false);
    await outbox.drained();
    assert.deepEqual(
      api.bodies().map(({ invoiceId }) => invoiceId),
      ['order_2'],
    );
    assert.equal((await buy(outbox, 'order_1', 'COMMIT')).duplicate, false);
    await outbox.drained();
    assert.equal(api.requests.length, 2);
  });

  test('leaves the transaction usable when an id is known and when params are refused', async (t) => {
    const api = await startApi(t);
    const outbox = open(t, api, 'usable', byConnection);
    await buy(outbox, 'order_3', 'COMMIT');
    await client.query('BEGIN');
    assert.equal((await outbox.track.sale(sale('user_1', { invoiceId: 'order_3' }), { db })).duplicate, true);
    assert.match((await rejectionOf(outbox.track.sale({}, { db }))).message, /clickId is required/);
    await client.query("INSERT INTO orders VALUES ('order_4')");
    await client.query('COMMIT');
    await outbox.drained();
    assert.equal(api.requests.length, 1);
  });

  test('works over a pool of the caller, which stays open', async (t) => {
    const api = await startApi(t);
    const pool = new pg.Pool({ connectionString: server.url });
    t.after(() => pool.end());
    const query =
      (/** @type {pg.Pool | pg.PoolClient} */ on) => (/** @type {string} */ text, /** @type {unknown[]=} */ values) =>
        on.query(text, values);
    const pooled = {
      executeSql: query(pool),
      async beginTransaction() {
        const client = await pool.connect();
        const end = async (/** @type {string} */ statement) => {
          await client.query(statement);
          client.release();
        };
        await client.query('BEGIN');
        return {
          db: { executeSql: query(client) },
          commit: () => end('COMMIT'),
          rollback: () => end('ROLLBACK'),
        };
      },
    };
    const outbox = open(t, api, 'pool', () => ({ db: pooled }));
    await outbox.track.sale(sale('user_1', { invoiceId: 'order_5' }));
    await outbox.drained();
    await outbox.close();
    assert.equal((await pool.query('SELECT 1 AS one')).rows[0].one, 1);
    assert.equal(api.requests.length, 1);
  });

  test('refuses a db that is none', async (t) => {
    const api = await startApi(t);
    const outbox = open(t, api, 'refused', byConnection);
    const error = await rejectionOf(outbox.track.sale(sale(), { db: client }));
    assert.match(error.message, /^db must be a database of pg-boss/);
  });
});
