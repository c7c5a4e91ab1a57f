'use strict';

const { RefportValidationError } = require('../../../errors.js');
const { checkOptions, optionalText } = require('../options.js');
const { requirePeer } = require('../peer.js');
const { QueueOutbox } = require('../queue-outbox.js');
const { checkDatabase } = require('./database.js');
const { PgQueues } = require('./queues.js');
const { PgStore } = require('./store.js');
const { PgWorker } = require('./worker.js');

/**
 * The outbox on pg-boss and Postgres.
 * @module
 */

/** pg-boss' own default. */
const SCHEMA = 'pgboss';
/** How long everything waits for a connection, in milliseconds. */
const PATIENCE = 10_000;

class PgOutbox extends QueueOutbox {
  /**
   * @param {unknown} refport
   * @param {any} options
   */
  constructor(refport, options) {
    const checked = checkOptions(refport, options, ['connectionString', 'db', 'schema'], 'PgOutbox');
    const connectionString = optionalText('connectionString', options.connectionString);
    const db = checkDatabase(options.db);
    if ((connectionString === undefined) === (db === undefined)) {
      throw new RefportValidationError('pass either connectionString (postgres://…) or db, a database of pg-boss');
    }
    const schema = optionalText('schema', options.schema) ?? SCHEMA;
    const pgBoss = requirePeer('refport/outbox/pg-boss', 'pg-boss', () => require('pg-boss'));
    super({ ...checked, recordOptions: ['db'] }, (emit) => {
      const connection = db
        ? { db }
        : { connectionString: String(connectionString), connectionTimeoutMillis: PATIENCE };
      const queues = new PgQueues(pgBoss, { ...connection, schema }, checked.delivers);
      return new PgStore(queues, schema, checked.delivers ? new PgWorker(queues, checked, emit) : undefined);
    });
  }
}

module.exports = { PgOutbox };
