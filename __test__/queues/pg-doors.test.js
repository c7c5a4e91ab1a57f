'use strict';

// The transactions of Drizzle, Kysely, Knex and Prisma, by the adapters of pg-boss.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { fromDrizzle, fromKnex, fromKysely, fromPrisma } = require('pg-boss');
const { sale } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');
const { queuePackages } = require('../support/stores/queue-packages.js');

/** @typedef {{ url: string, pool: import('pg').Pool }} Postgres */

/**
 * Each runs a transaction: an order is inserted, `record` is called with the adapter, and what it throws rolls back.
 * @type {Record<string, (load: NodeJS.Require, postgres: Postgres, order: string, record: (db: any) => Promise<void>) => Promise<unknown>>}
 */
const DOORS = {
  async 'node-postgres'(_load, { pool }, order, record) {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('INSERT INTO orders VALUES ($1)', [order]);
      await record({
        executeSql: (/** @type {string} */ text, /** @type {unknown[]} */ values) => client.query(text, values),
      });
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  },
  Drizzle(load, { pool }, order, record) {
    const { sql } = load('drizzle-orm');
    const db = load('drizzle-orm/node-postgres').drizzle({ client: pool });
    return db.transaction(async (/** @type {any} */ tx) => {
      await tx.execute(sql`INSERT INTO orders VALUES (${order})`);
      await record(fromDrizzle(tx, sql));
    });
  },
  Kysely(load, { pool }, order, record) {
    const { Kysely, PostgresDialect } = load('kysely');
    const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
    return db.transaction().execute(async (/** @type {any} */ trx) => {
      await trx.insertInto('orders').values({ id: order }).execute();
      await record(fromKysely(trx));
    });
  },
  async Knex(load, { url }, order, record) {
    const db = load('knex')({ client: 'pg', connection: url });
    try {
      await db.transaction(async (/** @type {any} */ trx) => {
        await trx('orders').insert({ id: order });
        await record(fromKnex(trx));
      });
    } finally {
      await db.destroy();
    }
  },
  async Prisma(load, { url }, order, record) {
    const { PrismaPg } = load('@prisma/adapter-pg');
    const { PrismaClient } = load('./node_modules/.prisma-client');
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
    try {
      await prisma.$transaction(async (/** @type {any} */ tx) => {
        await tx.order.create({ data: { id: order } });
        await record(fromPrisma(tx));
      });
    } finally {
      await prisma.$disconnect();
    }
  },
};

describe('PgOutbox in a transaction of', () => {
  const setting = pgSetting();

  for (const [name, inTransaction] of Object.entries(DOORS)) {
    test(name, { timeout: 300_000 }, async (t) => {
      const requirePackage = queuePackages();
      await setting.query('CREATE TABLE IF NOT EXISTS orders (id text PRIMARY KEY)');
      const schema = setting.newSchema();
      const outbox = setting.open(t, null, { schema });
      await outbox.stats();
      const { server, pool } = setting;
      const { url } = server;
      const orders = ['in_"1', "in_$1?'2"].map((id) => `${name} ${id}`);
      for (const order of orders) {
        await inTransaction(requirePackage, { url, pool }, order, async (db) => {
          const params = sale('user_1', { invoiceId: order, metadata: { text: '? ?? $1 :name \\? \u0000 zoë' } });
          assert.equal((await outbox.track.sale(params, { db })).duplicate, false);
          assert.equal((await outbox.track.sale(params, { db })).duplicate, true);
        });
      }
      const rolledBack = inTransaction(requirePackage, { url, pool }, `${name} in_3`, async (db) => {
        await outbox.track.sale(sale('user_1', { invoiceId: 'in_3' }), { db });
        throw new Error('declined');
      });
      await assert.rejects(rolledBack, /declined/);
      const rows = await setting.query(`SELECT data FROM ${schema}.job ORDER BY created_on`);
      assert.deepEqual(
        rows.map(({ data }) => JSON.parse(data.params).invoiceId),
        orders,
      );
      const found = await setting.query('SELECT id FROM orders WHERE id LIKE $1', [`${name}%`]);
      assert.equal(found.length, 2);
    });
  }
});
