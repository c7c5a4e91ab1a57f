'use strict';

const fs = require('node:fs');

/** @typedef {{ area: string, name: string, error: string | null, mark?: string }} Check `mark` is what to show instead of ✓ */

const START = '<!-- made by npm run test:matrix -- --write -->';
const END = '<!-- end of matrix -->';

/** @typedef {{ label: string, engine: 'native' | 'fetch', checks: Check[] }} Row what came of a place */

/**
 * @param {Row[]} rows
 * @returns {string}
 */
function markdownTable(rows) {
  const areas = [...new Set(rows.flatMap(({ checks }) => checks.map(({ area }) => area)))];
  const lines = [
    ['where', 'engine', ...areas],
    ['---', '---', ...areas.map(() => ':---:')],
    ...rows.map(({ label, engine, checks }) => [label, engine, ...areas.map((area) => cell(checks, area))]),
  ];
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`;
}

/**
 * @param {Check[]} checks
 * @param {string} area
 */
function cell(checks, area) {
  const own = checks.filter((check) => check.area === area);
  const wrong = own.filter(({ error }) => error);
  if (own.length === 0) return '–';
  const [mark = '✓'] = own.flatMap((check) => check.mark ?? []);
  return wrong.length === 0 ? mark : `✗ ${wrong.map(({ name }) => name).join(', ')}`;
}

/**
 * Replaces what stands between the marks.
 *
 * @param {string} file
 * @param {string} table
 */
function insertTable(file, table) {
  const text = fs.readFileSync(file, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`${file} has no place for the table: ${START} … ${END}`);
  fs.writeFileSync(file, `${text.slice(0, start + START.length)}\n\n${table}\n${text.slice(end)}`);
}

module.exports = { insertTable, markdownTable };
