'use strict';

/**
 * What an operator reads.
 * @module
 */

/** @typedef {import('../entry.js').ListedEntry} ListedEntry */

const UNITS = /** @type {const} */ ([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]);

/** How long ago, in the largest unit that fits: `3 h`. @param {Date} time */
function ago(time) {
  const past = Math.max(0, Date.now() - time.getTime());
  const [unit, length] = UNITS.find(([, size]) => past >= size) ?? ['s', 1000];
  return `${Math.floor(past / length)} ${unit}`;
}

/** Without what would move the cursor or break the line. @param {string} text */
const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');

/** Rows in columns. @param {string[][]} rows */
function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** @param {ListedEntry} entry */
const why = ({ reason, error }) =>
  [reason, error?.status || undefined, error?.code, error?.message]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');

/** @param {ListedEntry[]} entries */
function entryTable(entries) {
  const rows = entries.map((entry) =>
    [
      entry.id,
      entry.call,
      String(entry.params.customerExternalId),
      entry.state,
      ago(entry.recordedAt),
      String(entry.attempts),
      why(entry).slice(0, 80),
    ].map(plain),
  );
  return table([['ID', 'CALL', 'CUSTOMER', 'STATE', 'AGE', 'ATTEMPTS', 'WHY'], ...rows]);
}

/** @param {ListedEntry} entry */
function entryDetails(entry) {
  const lines = [
    ['id', plain(entry.id)],
    ['call', `track.${entry.call}`],
    ['state', entry.state],
    ['recorded', `${entry.recordedAt.toISOString()} (${ago(entry.recordedAt)} ago)`],
    ['attempts', String(entry.attempts)],
    ['why', plain(why(entry)) || '–'],
  ];
  return `${table(lines)}params\n${JSON.stringify(entry.params, null, 2)}\n`;
}

/** @param {import('../../../types/outbox.js').OutboxStats} stats */
function statusText({ pending, sending, parked, oldest }) {
  const age = oldest === null ? '' : `, the oldest since ${oldest.toISOString()} (${ago(oldest)})`;
  const advice =
    parked > 0 ? 'See them with "npx refport outbox list --state parked", decide with resend or discard.\n' : '';
  return `${pending} pending and ${sending} on the wire${age}\n${parked} parked\n${advice}`;
}

/**
 * A line on a terminal that says how far something has got; nothing where nobody looks.
 * @param {NodeJS.WriteStream} stream
 * @param {number} total
 */
function progress(stream, total) {
  let done = 0;
  let shownAt = 0;
  return {
    step() {
      done += 1;
      if (!stream.isTTY || Date.now() - shownAt < 100) return;
      shownAt = Date.now();
      const filled = Math.min(30, Math.round((30 * done) / Math.max(1, total)));
      stream.write(`\r[${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${done} of ${total}`);
    },
    end() {
      if (stream.isTTY && shownAt > 0) stream.write(`\r${' '.repeat(60)}\r`);
    },
  };
}

module.exports = { entryDetails, entryTable, progress, statusText };
