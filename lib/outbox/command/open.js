'use strict';

const { openBullStore } = require('../queues/bullmq/outbox.js');
const { openPgStore } = require('../queues/pg-boss/outbox.js');
const { eachFailsAsStore, failsAsStore } = require('../queues/store-error.js');
const { OutboxFile } = require('./file.js');

/**
 * Where an outbox keeps its entries, by the options of the command.
 * @module
 */

/**
 * An outbox as an operator sees it: read and decided about, without delivering anything.
 * @typedef {object} OpenedOutbox
 * @property {() => Promise<import('../../../types/outbox.js').OutboxStats>} stats
 * @property {(state?: import('../entry.js').EntryState) => AsyncIterable<import('../entry.js').ListedEntry>} entries
 * all of them if no state is given
 * @property {(id: string) => Promise<import('../entry.js').ListedEntry | undefined>} find
 * @property {(id: string) => Promise<boolean>} resend whether there was such a parked entry
 * @property {(id: string) => Promise<boolean>} discard whether there was such a parked entry
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {{ path: string } | { redis: string, prefix?: string | undefined } |
 *   { postgres: string, schema?: string | undefined }} Place
 */

/**
 * @param {Place} place
 * @returns {Promise<OpenedOutbox>}
 */
async function openOutbox(place) {
  if ('path' in place) return new OutboxFile(place.path);
  if ('redis' in place) return bounded(await failsAsStore(openBullStore(place.redis, place.prefix)));
  return bounded(openPgStore(place.postgres, place.schema));
}

/**
 * @param {InstanceType<typeof import('../queues/bullmq/store.js').BullStore> |
 *   InstanceType<typeof import('../queues/pg-boss/store.js').PgStore>} store
 * @returns {OpenedOutbox}
 */
const bounded = (store) => ({
  stats: () => failsAsStore(store.stats()),
  entries: (state) => eachFailsAsStore(store.entries(state)),
  find: (id) => failsAsStore(store.find(id)),
  resend: (id) => failsAsStore(store.resend(id)),
  discard: (id) => failsAsStore(store.discard(id)),
  close: () => store.close(0),
});

module.exports = { openOutbox };
