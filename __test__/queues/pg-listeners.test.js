'use strict';

// A listener that throws changes nothing: delivery goes on, through pauses and restarts of Postgres.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const readline = require('node:readline');
const { describe, test } = require('node:test');
const { clientFor } = require('../support/refport-client.js');
const { lead, ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');

const PROGRAM = path.join(__dirname, '../support/programs/pg-listeners.js');

describe('PgOutbox with listeners that throw', () => {
  const setting = pgSetting();

  test('delivers everything, and the process learns what they threw', { timeout: 60_000 }, async (t) => {
    const api = await startApi(t, (request, { customerExternalId }) => {
      if (customerExternalId === 'unknown') return refused(422);
      return api.requests.length <= 2 ? refused(429) : ok(request);
    });
    const producer = setting.open(t, clientFor(api, { apiKey: 'rp_key' }), { role: 'producer' });
    await producer.stats();
    const config = JSON.stringify({ postgres: setting.server.url, api: api.url });
    const child = spawn(process.execPath, [PROGRAM, config], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    /** @type {string[]} */
    const lines = [];
    const output = readline.createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));

    for (const name of ['u1', 'u2', 'unknown']) await producer.track.lead(lead(name));
    await producer.drained();
    while (!lines.includes('uncaughtException: resumed')) await once(output, 'line');
    assert.equal((await producer.stats()).parked, 1);

    await setting.server.restart('SIGKILL');
    for (;;) {
      try {
        await producer.track.lead(lead('u3'), { id: 'u3' });
        break;
      } catch (error) {
        assert.equal(/** @type {any} */ (error).code, 'OUTBOX_FAILED');
      }
    }
    await producer.drained();
    child.kill('SIGTERM');
    while (!lines.includes('closed')) await once(output, 'line');
    const customers = api.requests
      .filter(({ path }) => path === '/api/track/lead')
      .map(({ body }) => JSON.parse(String(body)).customerExternalId);
    assert.ok(customers.includes('u3'));
    const seen = new Set(lines);
    for (const event of ['delivered', 'parked', 'paused', 'resumed'])
      assert.ok(seen.delete(`uncaughtException: ${event}`), event);
    assert.deepEqual([...seen], ['closed']);
  });
});
