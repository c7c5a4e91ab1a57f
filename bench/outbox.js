'use strict';

/**
 * npm run bench:outbox [-- --quick] [-- --only <part,…>]
 *
 * --quick  fewer rounds, and 50,000 waiting entries instead of 1,000,000; printed only
 * --only   just these parts (records, delivery, full), printed only
 *
 * A full run takes about five minutes and writes OUTBOX.md. Redis and Postgres are installed with `apt-get` where that is possible.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { ensureServers } = require('../scripts/servers.js');
const { describeMachine } = require('./machine.js');
const { prepare } = require('./prepare.js');
const { startServer } = require('./server.js');
const { table } = require('./tables.js');
const { measureDelivery } = require('./outbox/delivery.js');
const { measureFull } = require('./outbox/full.js');
const { measureRecords } = require('./outbox/records.js');

/**
 * @typedef {object} Effort
 * @property {number} rounds
 * @property {number} waiting entries of a full outbox
 *
 * @typedef {object} Row one figure, with what the project wants of it
 * @property {string} figure
 * @property {string} measured
 * @property {string} [goal]
 * @property {boolean} [met]
 *
 * @typedef {object} Place where a part of the benchmark works
 * @property {string} folder
 * @property {import('./server.js').Server} server
 */

const FULL = { rounds: 2, waiting: 1_000_000 };
const QUICK = { rounds: 1, waiting: 50_000 };

/** @type {Record<string, { title: string, measure: (place: Place, effort: Effort) => Promise<Row[]> }>} */
const PARTS = {
  records: { title: 'Recording, 64 at a time', measure: measureRecords },
  delivery: { title: 'Delivery', measure: measureDelivery },
  full: { title: 'Importing a file, and an outbox that is full', measure: measureFull },
};

async function main() {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
  const names = values.only?.split(',') ?? Object.keys(PARTS);
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length) throw new Error(`no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  ensureServers('redis-server', 'postgresql');
  const started = Date.now();
  const server = await startServer(prepare().server);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-bench-'));
  const effort = values.quick ? QUICK : FULL;
  /** @type {string[]} */
  const sections = [];
  try {
    for (const name of names) {
      const { title, measure } = PARTS[name];
      const section = `## ${title}\n\n${rowsTable(await measure({ folder, server }, effort))}`;
      process.stdout.write(`${section}\n\n`);
      sections.push(section);
      // After each part: the next one may fail.
      if (!values.quick && !values.only) writeSections(sections, started);
    }
  } finally {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string[]} sections @param {number} started */
function writeSections(sections, started) {
  const { cpu, date, memoryGb, system } = describeMachine();
  const minutes = ((Date.now() - started) / 60_000).toFixed(1);
  const head = [
    '# Benchmark of the outboxes',
    'Written by `npm run bench:outbox`; [README.md](README.md#the-outboxes) says how each figure is taken.',
    `- ${date}, ${cpu}, ${memoryGb} GB, ${system}; Redis, Postgres, the API and the outbox on the same machine\n- the run took ${minutes} minutes`,
  ];
  fs.writeFileSync(path.join(__dirname, 'OUTBOX.md'), `${[...head, ...sections].join('\n\n')}\n`);
}

/** @param {Row[]} rows */
function rowsTable(rows) {
  const mark = (/** @type {Row} */ { met }) => (met === undefined ? '' : met ? 'met' : '**not met**');
  return table(
    ['figure', 'measured', 'goal', ''],
    rows.map((row) => [row.figure, row.measured, row.goal ?? '', mark(row)]),
  );
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
});
