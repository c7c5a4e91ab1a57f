'use strict';

const { RefportValidationError } = require('../../../client/errors.ts');

/**
 * @param {any} db
 * @returns {import('pg-boss').Db | undefined}
 */
function checkDatabase(db) {
  if (db === undefined || typeof db?.executeSql === 'function') return db;
  throw new RefportValidationError('db must be a database of pg-boss: an object with executeSql(text, values)');
}

/**
 * The database of an outbox: parking, resending and discarding are several statements, of which all count or none.
 * @param {any} db
 * @returns {import('pg-boss').TransactionalDb | undefined}
 */
function checkTransactional(db) {
  if (checkDatabase(db) === undefined || typeof db.beginTransaction === 'function') return db;
  throw new RefportValidationError(
    'db must be a database of pg-boss with beginTransaction(), and this one has none: add it, or pass connectionString',
  );
}

module.exports = { checkDatabase, checkTransactional };
