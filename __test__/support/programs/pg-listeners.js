'use strict';

// An outbox whose listeners all throw. Writes a line for each event, and ends when nothing is pending. Its argument: JSON with
// the addresses of Postgres and of the API.

const { Refport } = require('refport');
const { PgOutbox } = require('refport/outbox/pg-boss');

const { postgres, api } = JSON.parse(String(process.argv[2]));
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
process.on('uncaughtException', (error, origin) => say(`${origin}: ${error.message}`));

const client = new Refport({ apiKey: 'rp_key', baseUrl: api });
const outbox = new PgOutbox(client, { connectionString: postgres, role: 'worker', concurrency: 2 });
for (const event of /** @type {const} */ (['delivered', 'parked', 'paused', 'resumed'])) {
  outbox.on(event, () => {
    throw new Error(event);
  });
}
process.once('SIGTERM', () => outbox.close().then(() => say('closed')));
