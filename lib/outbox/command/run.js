'use strict';

const { parseArgs } = require('node:util');
const { openOutbox } = require('./open.js');
const { entryDetails, entryTable, progress, statusText } = require('./print.js');

/**
 * `npx refport outbox`: what waits, since when and why, and what to do about it.
 * @module
 */

const USAGE = `Usage: npx refport outbox <command> (--path FILE | --redis URL | --postgres URL) [--json]

  status             how much waits, since when, and how much is parked
  list               what waits and what is parked
  show ID            one entry, with its parameters
  resend ID ...      send parked entries again
  discard ID ...     remove parked entries for good
  export             every entry, one JSON object a line

  --path FILE        the file of an Outbox
  --redis URL        the Redis of a BullOutbox
  --prefix PREFIX    its prefix there (default bull)
  --postgres URL     the database of a PgOutbox
  --schema SCHEMA    its schema there (default pgboss)
  --state STATE      list, export: only pending, sending or parked ones
  --limit N          list: at most so many (default 50)
  --all              resend, discard: every parked entry
  --json             for machines
`;

const STATES = ['pending', 'sending', 'parked'];
const COMMANDS = ['status', 'list', 'show', 'resend', 'discard', 'export'];

/** Wrong arguments. */
class UsageError extends Error {}

/** @param {string[]} args */
function read(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        path: { type: 'string' },
        redis: { type: 'string' },
        prefix: { type: 'string' },
        postgres: { type: 'string' },
        schema: { type: 'string' },
        state: { type: 'string' },
        limit: { type: 'string', default: '50' },
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/**
 * @param {string[]} args
 * @param {NodeJS.Process} process
 */
async function runOutbox(args, process) {
  try {
    const { values, positionals } = read(args);
    if (values.help) return void process.stdout.write(USAGE);
    const [command = '', ...ids] = positionals;
    if (!COMMANDS.includes(command))
      throw new UsageError(command ? `There is no command "${command}".` : 'Which command?');
    const place = placeOf(values);
    if (values.state !== undefined && !STATES.includes(values.state)) {
      throw new UsageError(`--state must be one of ${STATES.join(', ')}.`);
    }
    const limit = Number(values.limit);
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1.');
    const outbox = await openOutbox(place);
    try {
      const state = /** @type {EntryState | undefined} */ (values.state);
      await run(outbox, process, { ...values, command, ids, state, limit });
    } finally {
      await outbox.close();
    }
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${message} ${USAGE}` : `${message}\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/**
 * Where the outbox is, from the one option that says so.
 * @param {Record<string, unknown>} values
 * @returns {import('./open.js').Place}
 */
function placeOf(values) {
  const { path, redis, prefix, postgres, schema } = /** @type {Record<string, string | undefined>} */ (values);
  const count = [path, redis, postgres].filter(Boolean).length;
  if (count === 0) {
    throw new UsageError('--path is missing, the file of an Outbox; or --redis or --postgres, the URL of the store.');
  }
  if (count > 1) throw new UsageError('Only one of --path, --redis and --postgres is possible.');
  if (prefix !== undefined && !redis) throw new UsageError('--prefix belongs to --redis.');
  if (schema !== undefined && !postgres) throw new UsageError('--schema belongs to --postgres.');
  if (path) return { path };
  return redis ? { redis, prefix } : { postgres: String(postgres), schema };
}

/**
 * @typedef {import('../entry.js').EntryState} EntryState
 * @typedef {import('./open.js').OpenedOutbox} OpenedOutbox
 */

/**
 * @typedef {object} Request
 * @property {string} command
 * @property {string[]} ids
 * @property {EntryState | undefined} state
 * @property {number} limit
 * @property {boolean} all
 * @property {boolean} json
 */

/**
 * @param {OpenedOutbox} outbox
 * @param {NodeJS.Process} process
 * @param {Request} request
 */
async function run(outbox, process, { command, ids, state, limit, all, json }) {
  const { stdout, stderr } = process;
  const line = (/** @type {unknown} */ value) => stdout.write(`${JSON.stringify(value)}\n`);
  switch (command) {
    case 'status': {
      const stats = await outbox.stats();
      if (json) line(stats);
      else stdout.write(statusText(stats));
      return;
    }
    case 'list': {
      const entries = [];
      for await (const entry of outbox.entries(state)) {
        if (entries.length === limit) break;
        entries.push(entry);
      }
      if (json) line(entries.map(exported));
      else stdout.write(entries.length > 0 ? entryTable(entries) : 'There is nothing.\n');
      return;
    }
    case 'show': {
      const [id] = ids;
      if (id === undefined) throw new UsageError('show needs an ID.');
      const entry = await outbox.find(id);
      if (entry === undefined) throw new Error(`There is no entry ${JSON.stringify(id)}.`);
      if (json) line(exported(entry));
      else stdout.write(entryDetails(entry));
      return;
    }
    case 'export': {
      const { pending, sending, parked } = await outbox.stats();
      const bar = progress(stderr, pending + sending + parked);
      for await (const entry of outbox.entries(state)) {
        line(exported(entry));
        bar.step();
      }
      bar.end();
      return;
    }
    default:
      await decide(outbox, process, { decision: /** @type {'resend' | 'discard'} */ (command), ids, all, json });
  }
}

/**
 * @param {OpenedOutbox} outbox
 * @param {NodeJS.Process} process
 * @param {{ decision: 'resend' | 'discard', ids: string[], all: boolean, json: boolean }} request
 */
async function decide(outbox, process, { decision, ids, all, json }) {
  if (all === ids.length > 0) throw new UsageError(`${decision} needs IDs, or --all.`);
  const chosen = [...ids];
  // Read before anything is decided: what is resent comes back at the end.
  if (all) for await (const { id } of outbox.entries('parked')) chosen.push(id);
  const bar = progress(process.stderr, chosen.length);
  /** @type {string[]} */
  const missing = [];
  for (const id of chosen) {
    if (!(await outbox[decision](id))) missing.push(id);
    bar.step();
  }
  bar.end();
  const done = chosen.length - missing.length;
  const entries = done === 1 ? '1 entry' : `${done} entries`;
  const [verb, text] =
    decision === 'resend' ? ['resent', `Sending ${entries} again`] : ['discarded', `Removed ${entries}`];
  process.stdout.write(`${json ? JSON.stringify({ [verb]: done, missing }) : text}\n`);
  if (missing.length === 0) return;
  process.stderr.write(`Not parked: ${missing.map((id) => JSON.stringify(id)).join(', ')}\n`);
  process.exitCode = 1;
}

/** An entry for machines. @param {import('../entry.js').ListedEntry} entry */
function exported({ id, call, state, reason, attempts, recordedAt, params, error }) {
  return { id, call, state, reason, attempts, recordedAt, params, error };
}

module.exports = { runOutbox };
