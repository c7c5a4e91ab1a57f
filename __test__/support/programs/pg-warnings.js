'use strict';

// Opens two outboxes on a Postgres, and writes the warnings of the process as JSON. Its argument: JSON with the address.

const { PgOutbox } = require('refport/outbox/pg-boss');

const { url } = JSON.parse(String(process.argv[2]));
/** @type {string[]} */
const warnings = [];
process.on('warning', (warning) => warnings.push(`${/** @type {any} */ (warning).code} ${warning.message}`));

async function main() {
  for (const schema of ['one', 'two']) {
    const outbox = new PgOutbox(null, { connectionString: url, schema });
    await outbox.stats();
    await outbox.close();
  }
  process.stdout.write(JSON.stringify(warnings));
}

main();
