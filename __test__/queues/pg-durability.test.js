'use strict';

// The mark that an entry is being sent is on disk before the request leaves, whatever the server's defaults are.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, ok, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');
const { programs, startPostgres } = require('../support/stores/postgres.js');
const { runNode } = require('../support/run-node.js');

/** The warnings of a process that opens outboxes. @param {string} url */
async function warningsFor(url) {
  const { stdout } = await runNode('pg-warnings.js', { url });
  return JSON.parse(stdout);
}

describe('PgOutbox with synchronous_commit = off', () => {
  const setting = pgSetting({ synchronous_commit: 'off', wal_writer_delay: '10000ms', autovacuum: 'off' });

  test('does not send a lead again after Postgres has crashed', async (t) => {
    let requests = 0;
    const api = await startApi(t, async (request, { customerExternalId }) => {
      if (customerExternalId !== 'user_1') return ok(request);
      requests += 1;
      await setting.server.restart('SIGQUIT');
      return ok(request);
    });
    const schema = setting.newSchema();
    const producer = setting.open(t, null, { schema });
    await producer.track.lead(lead('user_1'));
    const outbox = setting.open(t, clientFor(api), { schema, role: 'worker' });
    // The worker may be back before it has noticed, and knows the answer; or another attempt finds the mark.
    await Promise.race([once(outbox, 'delivered'), once(outbox, 'parked')]);
    assert.equal(requests, 1);
  });

  test('commits its own statements with synchronous_commit = on, and leaves the transactions of others alone', async (t) => {
    const api = await startApi(t);
    const schema = setting.newSchema();
    const client = await setting.pool.connect();
    t.after(() => client.release());
    /** @type {string[]} */
    const levels = [];
    const db = {
      async executeSql(/** @type {string} */ text, /** @type {unknown[]=} */ values) {
        const one = await setting.pool.connect();
        try {
          if (!/synchronous_commit/.test(text)) return await one.query(text, values);
          await one.query('BEGIN');
          const result = await one.query(text, values);
          const { rows } = await one.query('SHOW synchronous_commit');
          await one.query('COMMIT');
          const found = Array.isArray(result) ? { rows: result.flatMap(({ rows }) => rows) } : result;
          const hasChanged = /'refport-outbox'/.test(text) && found.rows.length > 0;
          if (hasChanged) levels.push(rows[0].synchronous_commit);
          return found;
        } finally {
          one.release();
        }
      },
    };
    const outbox = setting.open(t, clientFor(api), { schema, db: /** @type {any} */ (db) });
    await outbox.track.lead(lead());
    await outbox.drained();
    assert.ok(levels.length >= 3, `${levels.length} statements`);
    assert.deepEqual([...new Set(levels)], ['on']);

    await client.query('BEGIN');
    await outbox.track.lead(lead('user_2'), {
      db: { executeSql: (/** @type {string} */ text, /** @type {unknown[]} */ values) => client.query(text, values) },
    });
    assert.equal((await client.query('SHOW synchronous_commit')).rows[0].synchronous_commit, 'off');
    await client.query('COMMIT');
  });

  test('warns of it once', async () => {
    const warnings = await warningsFor(setting.server.url);
    assert.equal(warnings.length, 1, String(warnings));
    assert.match(warnings[0], /^REFPORT_OUTBOX_DURABILITY .*synchronous_commit = off/);
  });
});

test('PgOutbox warns of an asynchronous standby, and of nothing else', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  assert.deepEqual(await warningsFor(server.url), []);
  const folder = require('node:fs').mkdtempSync(path.join(require('node:os').tmpdir(), 'refport-wal-'));
  const standby = spawn(path.join(programs(), 'pg_receivewal'), [
    '--directory',
    folder,
    '--dbname',
    `${server.url}?application_name=standby`,
  ]);
  t.after(() => standby.kill('SIGKILL'));
  for (;;) {
    const warnings = await warningsFor(server.url);
    if (warnings.length === 0) continue;
    assert.equal(warnings.length, 1);
    assert.match(warnings[0], /^REFPORT_OUTBOX_DURABILITY .*asynchronous standby.*counted twice/);
    return;
  }
});
