'use strict';

const host = require('#host');
const { RefportValidationError } = require('../errors.js');

/**
 * The engine that REFPORT_ENGINE asks for.
 * @returns {import('./engine').Engine['name'] | undefined}
 */
function forcedEngine() {
  const name = host.environment('REFPORT_ENGINE') || undefined;
  if (name === undefined || name === 'native' || name === 'fetch') return name;
  throw new RefportValidationError(`REFPORT_ENGINE must be "native" or "fetch", not ${JSON.stringify(name)}`);
}

module.exports = { forcedEngine };
