'use strict';

const { createHash } = require('node:crypto');
const { isRepeatable } = require('../conversion.js');
const { fromStored } = require('../../stored-error.js');

/**
 * How an entry is kept in a job. Its parameters are JSON text: Postgres' own JSON cannot hold every string that
 * JavaScript's can.
 * @module
 */

const MAX_KEY_LENGTH = 500;

/**
 * @typedef {object} JobData
 * @property {string} id escaped
 * @property {'lead' | 'sale'} call
 * @property {string} params JSON text
 * @property {string} recordedAt
 * @property {string} since when it was recorded or, if that was later, resent
 * @property {number} attempts
 */

/**
 * What an attempt that was not the last one leaves in the job. Where it is missing, the attempt's process died.
 * @typedef {{ waits: true, attempts: number, error: import('../../stored-error.js').StoredError | null }} Left
 */

/**
 * @typedef {JobData & {
 *   reason: import('../../../../types/outbox.js').ParkedReason,
 *   error: import('../../stored-error.js').StoredError | null
 * }} ParkedData
 */

/**
 * pg-boss knows jobs by UUIDs.
 * @param {string} id
 */
function jobIdOf(id) {
  const hex = createHash('sha256').update(escapeText(id)).digest('hex');
  // Version 8: one of the application's own.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Text that Postgres' JSON can hold whatever is in it, and what it was.
 * @param {string} text
 */
const escapeText = (text) => JSON.stringify(text).slice(1, -1);
/** @param {string} escaped */
const unescapeText = (escaped) => JSON.parse(`"${escaped}"`);

/**
 * What jobs of one customer have in common. An index holds it, which takes no long text.
 * @param {JobData} data
 */
function customerKey({ params }) {
  const key = escapeText(JSON.parse(params).customerExternalId);
  return key.length > MAX_KEY_LENGTH ? createHash('sha256').update(key).digest('hex') : key;
}

/**
 * @param {import('../conversion.js').Conversion} conversion
 * @returns {JobData}
 */
function dataOf({ id, call, params }) {
  const now = new Date().toISOString();
  return { id: escapeText(id), call, params: JSON.stringify(params), recordedAt: now, since: now, attempts: 0 };
}

/**
 * @param {JobData} data
 * @returns {import('../conversion.js').Conversion & { isRepeatable: boolean }}
 */
function conversionOf({ id, call, params: text }) {
  const params = JSON.parse(text);
  return { id: unescapeText(id), call, params, isRepeatable: isRepeatable({ call, params }) };
}

/**
 * @param {JobData} data
 * @returns {import('../../../../types/outbox.js').OutboxEntry}
 */
function entryOf({ id, call, params, recordedAt, attempts }) {
  return { id: unescapeText(id), call, params: JSON.parse(params), recordedAt: new Date(recordedAt), attempts };
}

/**
 * @param {ParkedData} data
 * @returns {import('../../../../types/outbox.js').ParkedEntry}
 */
function parkedEntryOf(data) {
  return { ...entryOf(data), reason: data.reason, error: fromStored(data.error) };
}

/**
 * How many requests were sent for it.
 * @param {{ data: JobData, output: object | null }} job
 */
function attemptsOf({ data, output }) {
  const left = /** @type {Partial<Left> | null} */ (output);
  return left?.waits ? (left.attempts ?? 0) : data.attempts;
}

/**
 * @param {{ data: JobData, output: object | null }} job
 * @param {import('../../listed-entry.ts').EntryState} state
 * @returns {import('../../listed-entry.ts').ListedEntry}
 */
function listedEntryOf(job, state) {
  const { reason = null, error = null } = state === 'parked' ? /** @type {ParkedData} */ (job.data) : {};
  const left = /** @type {Partial<Left> | null} */ (job.output);
  return { ...entryOf({ ...job.data, attempts: attemptsOf(job) }), state, reason, error: error ?? left?.error ?? null };
}

module.exports = { attemptsOf, conversionOf, customerKey, dataOf, entryOf, jobIdOf, listedEntryOf, parkedEntryOf };
