'use strict';

// The schema: its name, its version, and who may change it.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { RefportValidationError } = require('refport');
const { PgOutbox } = require('refport/outbox/pg-boss');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { lead, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe("PgOutbox's schema", () => {
  const setting = pgSetting();

  test('has a name that Postgres takes, or the constructor says why not', () => {
    const cases = {
      select: /reserved word/,
      'a-b': /letters, digits and underscores/,
      '1a': /no digit first/,
      pg_x: /pg_/,
      ['x'.repeat(51)]: /at most 50/,
    };
    for (const [schema, message] of Object.entries(cases)) {
      assert.throws(
        () => new PgOutbox(null, { connectionString: 'postgres://127.0.0.1:9/x', schema }),
        (error) =>
          error instanceof RefportValidationError && /^schema must/.test(error.message) && message.test(error.message),
      );
    }
  });

  test('may have capital letters, which Postgres folds', async (t) => {
    const schema = setting.newSchema();
    const one = setting.open(t, null, { schema });
    await one.track.lead(lead());
    const other = setting.open(t, null, { schema: schema.toUpperCase() });
    assert.equal((await other.stats()).pending, 1);
  });

  test('of another version is left as it is by a producer, which records in it', async (t) => {
    const schema = setting.newSchema();
    await setting.open(t, null, { schema }).stats();
    await setting.query(`UPDATE ${schema}.version SET version = version - 1`);
    const [{ version }] = await setting.query(`SELECT version FROM ${schema}.version`);
    await setting.query(`DELETE FROM ${schema}.queue`);
    const producer = setting.open(t, null, { schema });
    await producer.track.lead(lead());
    assert.equal((await producer.stats()).pending, 1);
    assert.deepEqual(await setting.query(`SELECT version FROM ${schema}.version`), [{ version }]);
  });

  test('that pg-boss cannot use rejects with OUTBOX_FAILED, the version and what to do', async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    await setting.query(`CREATE SCHEMA ${schema}`);
    await setting.query(`CREATE TABLE ${schema}.version (version int PRIMARY KEY, maintained_on timestamptz)`);
    await setting.query(`INSERT INTO ${schema}.version VALUES (20)`);
    for (const table of ['job', 'queue'])
      await setting.query(`CREATE TABLE ${schema}.${table} (name text, table_name text)`);
    const worker = setting.open(t, clientFor(api), { schema });
    const producer = setting.open(t, null, { schema });
    for (const outbox of [worker, producer]) {
      const error = /** @type {any} */ (await rejectionOf(outbox.track.lead(lead())));
      assert.equal(error.code, 'OUTBOX_FAILED');
      assert.match(error.message, /pg-boss 12\.\d+\.\d+ cannot use the schema schema_\d+: .*another major version/);
      assert.ok(error.cause instanceof Error);
    }
    assert.deepEqual(await setting.query(`SELECT version FROM ${schema}.version`), [{ version: 20 }]);
  });
});
