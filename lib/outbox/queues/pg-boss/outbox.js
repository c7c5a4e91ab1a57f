'use strict';

const { RefportValidationError } = require('../../../client/errors.ts');
const { checkOptions, optionalText } = require('../options.js');
const { requirePeer } = require('../peer.js');
const { QueueOutbox } = require('../queue-outbox.js');
const { checkTransactional } = require('./database.js');
const { PgQueues } = require('./queues.js');
const { PgStore } = require('./store.js');
const { PgWorker } = require('./worker.js');

/**
 * The outbox on pg-boss and Postgres.
 * @module
 */

/** pg-boss' own default. */
const SCHEMA = 'pgboss';
/** How long everything waits for a connection, and for an answer before the connection counts as lost, in milliseconds. */
const LIMITS = { connectionTimeoutMillis: 10_000, query_timeout: 15_000 };

class PgOutbox extends QueueOutbox {
  /**
   * @param {unknown} refport
   * @param {any} options
   */
  constructor(refport, options) {
    const checked = checkOptions(refport, options, ['connectionString', 'db', 'schema'], 'PgOutbox');
    const connectionString = optionalText('connectionString', options.connectionString);
    const db = checkTransactional(options.db);
    if ((connectionString === undefined) === (db === undefined)) {
      throw new RefportValidationError('pass either connectionString (postgres://…) or db, a database of pg-boss');
    }
    const schema = optionalText('schema', options.schema) ?? SCHEMA;
    const pgBoss = requirePgBoss();
    super({ ...checked, recordOptions: ['db'] }, (emit) => {
      const connection = db ? { db } : { ...LIMITS, connectionString: String(connectionString) };
      const queues = new PgQueues(pgBoss, { ...connection, schema }, checked.delivers ? 'worker' : 'producer');
      return new PgStore(queues, schema, checked.delivers ? new PgWorker(queues, checked, emit) : undefined);
    });
  }
}

/**
 * The entries as an operator works with them, where an outbox has kept some.
 * @param {string} connectionString
 * @param {string} [schema]
 */
function openPgStore(connectionString, schema = SCHEMA) {
  const options = { ...LIMITS, connectionString, schema };
  return new PgStore(new PgQueues(requirePgBoss(), options, 'operator'), schema, undefined);
}

/** @returns {typeof import('pg-boss')} */
function requirePgBoss() {
  return requirePeer('refport/outbox/pg-boss', 'pg-boss', () => require('pg-boss'));
}

module.exports = { PgOutbox, openPgStore };
