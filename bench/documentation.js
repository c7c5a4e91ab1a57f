'use strict';

/** The figures of docs/performance.md: the few that decide, from the same run as RESULTS.md. */

const fs = require('node:fs');
const path = require('node:path');
const { CHARTS } = require('./charts.js');
const { LABELS } = require('./clients/index.js');
const { FIGURES } = require('./figures.js');
const { table } = require('./tables.js');

const PAGE = path.join(__dirname, '..', 'docs', 'performance.md');
const BLOCK = /(?<=<!-- made by npm run bench -->\n).*?(?=<!-- end of performance -->)/s;

/** @type {import('./clients/index.js').Name[]} */
const CLIENTS = ['refport', 'undici', 'fetch'];
const ROWS = /** @type {const} */ ([
  ['64 calls at a time: main-thread CPU per call, µs', 'plain-64', 'mainCpuUs'],
  ['… calls/s over TLS', 'tls-64', 'callsPerSecond'],
  ['1 000 calls at once over TLS, cold: all answered after, ms', 'burst-tls', 'burstMs'],
  ['one call after the other: p50, µs', 'plain-1', 'p50Us'],
]);

/** @param {import('./summary.js').Summary} summary */
function section(summary) {
  const rows = ROWS.map(([title, scenario, figure]) => [
    title,
    ...CLIENTS.map((client) => FIGURES[figure].format(summary[scenario][client][figure])),
  ]);
  const [{ file, title }] = CHARTS;
  return [`![${title}](../bench/charts/${file})`, table(['', ...CLIENTS.map((name) => LABELS[name])], rows)].join(
    '\n\n',
  );
}

/** @param {import('./summary.js').Summary} summary */
function writeDocumentation(summary) {
  const before = fs.readFileSync(PAGE, 'utf8');
  if (!BLOCK.test(before)) throw new Error(`${PAGE} has no place for the figures`);
  fs.writeFileSync(
    PAGE,
    before.replace(BLOCK, () => `\n${section(summary)}\n\n`),
  );
}

module.exports = { writeDocumentation };
