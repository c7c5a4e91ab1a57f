'use strict';

// The figures of docs/performance.md come from the run that bench/RESULTS.md reports, not from an earlier one.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { it } = require('node:test');

const read = (/** @type {string} */ file) => fs.readFileSync(path.join(__dirname, '../..', file), 'utf8');

it('every figure of docs/performance.md is one of the benchmark’s results', () => {
  const [, section = ''] = read('docs/performance.md').split('<!-- made by npm run bench -->');
  const rows = section.split('<!-- end of performance -->', 1)[0].match(/^\| [^-].*$/gm) ?? [];
  const figures = rows.slice(1).flatMap((row) => row.split('|').slice(2, -1));
  assert.ok(figures.length >= 12, `${figures.length} figures`);

  const results = new Set(read('bench/RESULTS.md').match(/[\d,.]+/g));
  for (const figure of figures) assert.ok(results.has(figure.trim()), `RESULTS.md does not have ${figure}`);
});
