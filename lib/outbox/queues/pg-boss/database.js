'use strict';

const { RefportValidationError } = require('../../../errors.js');

/**
 * @param {any} db
 * @returns {import('pg-boss').Db | undefined}
 */
function checkDatabase(db) {
  if (db === undefined || typeof db?.executeSql === 'function') return db;
  throw new RefportValidationError('db must be a database of pg-boss: an object with executeSql(text, values)');
}

module.exports = { checkDatabase };
