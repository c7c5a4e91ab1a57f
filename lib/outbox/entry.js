'use strict';

const { errorFromFailure } = require('../engine/native/outbox-channel.ts');

/**
 * An entry as src/bridge/outbox/text.rs writes it.
 * @typedef {object} RawEntry
 * @property {number} seq
 * @property {string} id
 * @property {'lead' | 'sale'} call
 * @property {any} params
 * @property {'pending' | 'sending' | 'parked'} state
 * @property {import('../../types/outbox.js').ParkedReason | null} reason
 * @property {any} error
 * @property {number} attempts
 * @property {number} recordedAt milliseconds since 1970
 */

/** @typedef {RawEntry['state']} EntryState */

/**
 * An entry as an operator sees it, whatever it is kept in.
 * @typedef {object} ListedEntry
 * @property {string} id
 * @property {'lead' | 'sale'} call
 * @property {EntryState} state
 * @property {import('../../types/outbox.js').ParkedReason | null} reason
 * @property {number} attempts
 * @property {Date} recordedAt
 * @property {any} params
 * @property {import('./stored-error.js').StoredError | null} error the last failure
 */

/**
 * @param {RawEntry} raw
 * @returns {import('../../types/outbox.js').OutboxEntry}
 */
function outboxEntry({ id, call, params, attempts, recordedAt }) {
  return { id, call, params, attempts, recordedAt: new Date(recordedAt) };
}

/**
 * @param {RawEntry} raw
 * @returns {import('../../types/outbox.js').ParkedEntry}
 */
function parkedEntry(raw) {
  const reason = /** @type {import('../../types/outbox.js').ParkedReason} */ (raw.reason);
  return { ...outboxEntry(raw), reason, error: raw.error === null ? null : errorFromFailure(raw.error) };
}

module.exports = { outboxEntry, parkedEntry };
