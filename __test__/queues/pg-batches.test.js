'use strict';

// What one turn of the event loop records is one statement, also in a transaction of the caller's, in its order.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, sale, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

describe('PgOutbox, several at once', () => {
  const setting = pgSetting();
  const isRecording = (/** @type {string} */ text) => /INSERT INTO .*json_to_recordset|x\(n int/s.test(text);

  test('records them with as many statements as there are turns, and knows an id that is given twice', async (t) => {
    let statements = 0;
    const db = setting.database((text, run) => {
      if (isRecording(text)) statements += 1;
      return run();
    });
    const outbox = setting.open(t, null, { schema: setting.newSchema(), db: /** @type {any} */ (db) });
    await outbox.stats();
    const ids = Array.from({ length: 64 }, (_, i) => `id_${i % 60}`);
    const recorded = await Promise.all(ids.map((id) => outbox.track.lead(lead(id), { id })));
    assert.equal(statements, 1);
    assert.deepEqual(
      recorded.map(({ id }) => id),
      ids,
    );
    assert.equal(recorded.filter(({ duplicate }) => duplicate).length, 4);
    assert.equal((await outbox.stats()).pending, 60);
  });

  test('records them in a transaction with one statement, and sends those of a customer in their order', async (t) => {
    const api = await startApi(t);
    const outbox = setting.open(t, clientFor(api), { schema: setting.newSchema() });
    await outbox.stats();
    const client = await setting.pool.connect();
    t.after(() => client.release());
    /** @type {string[]} */
    const statements = [];
    const db = {
      executeSql(/** @type {string} */ text, /** @type {unknown[]=} */ values) {
        statements.push(text);
        return client.query(text, values);
      },
    };
    const invoices = Array.from({ length: 20 }, (_, i) => `in_${i}`);
    await client.query('BEGIN');
    await Promise.all(
      invoices.slice(0, 10).map((invoiceId) => outbox.track.sale(sale('user_1', { invoiceId }), { db })),
    );
    assert.equal(statements.length, 1);
    for (const invoiceId of invoices.slice(10)) await outbox.track.sale(sale('user_1', { invoiceId }), { db });
    assert.equal(statements.length, 11);
    await client.query('COMMIT');
    await outbox.drained();
    assert.deepEqual(
      api.bodies().map(({ invoiceId }) => invoiceId),
      invoices,
    );
  });
});
