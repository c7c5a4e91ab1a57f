'use strict';

const { isRepeatable } = require('../conversion.js');
const { fromStored } = require('../../stored-error.js');

/**
 * How an entry is kept in a job: the conversion in its data, what became of it in its progress.
 * @module
 */

/**
 * @typedef {object} JobData
 * @property {string} id
 * @property {Record<string, any>} params
 * @property {string} token of the one who recorded it
 */

/**
 * @typedef {object} Progress
 * @property {number} attempts
 * @property {import('../../stored-error.js').StoredError | null} error the last failure
 * @property {number} [since] when it was recorded or, if that was later, resent: milliseconds since 1970
 * @property {boolean} [sending] it is on the wire, or was when its worker died
 * @property {boolean} [discarded]
 * @property {{ reason: import('../../../../types/outbox.js').ParkedReason, failures: number }} [parked]
 * `failures`: how often the job had failed before it was parked; if it has failed since, it is really parked
 */

/**
 * The id of the job. BullMQ takes no colon and no plain number.
 * @param {string} id
 */
function jobIdOf(id) {
  const escaped = id.replace(/[%:]/g, encodeURIComponent);
  return /^-?\d+$/.test(escaped) ? `%${escaped}` : escaped;
}

/**
 * @param {import('bullmq').Job} job
 * @returns {Progress}
 */
function progressOf(job) {
  const progress = typeof job.progress === 'object' ? /** @type {Partial<Progress>} */ (job.progress) : {};
  return { attempts: 0, error: null, ...progress };
}

/**
 * @param {import('bullmq').Job} job
 * @returns {import('../conversion.js').Conversion & { isRepeatable: boolean }}
 */
function conversionOf(job) {
  const { id, params } = /** @type {JobData} */ (job.data);
  const call = job.name === 'lead' ? 'lead' : 'sale';
  return { id, call, params, isRepeatable: isRepeatable({ call, params }) };
}

/**
 * @param {import('bullmq').Job} job
 * @returns {import('../../../../types/outbox.js').OutboxEntry}
 */
function entryOf(job) {
  const { id, call, params } = conversionOf(job);
  const entry = { id, call, params, recordedAt: new Date(job.timestamp), attempts: progressOf(job).attempts };
  return /** @type {import('../../../../types/outbox.js').OutboxEntry} */ (entry);
}

/**
 * @param {import('bullmq').Job} job a failed one
 * @returns {import('../../../../types/outbox.js').ParkedEntry}
 */
function parkedEntryOf(job) {
  const { parked, error } = progressOf(job);
  // What failed without us (by a dashboard, say) may have been on the wire.
  return { ...entryOf(job), reason: parked?.reason ?? 'ambiguous', error: fromStored(error) };
}

/**
 * @param {import('bullmq').Job} job
 * @param {import('../../entry.js').EntryState} state
 * @returns {import('../../entry.js').ListedEntry}
 */
function listedEntryOf(job, state) {
  const reason = state === 'parked' ? parkedEntryOf(job).reason : null;
  return { ...entryOf(job), state, reason, error: progressOf(job).error };
}

module.exports = { conversionOf, entryOf, jobIdOf, listedEntryOf, parkedEntryOf, progressOf };
