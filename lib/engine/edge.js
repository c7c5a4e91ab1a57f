'use strict';

const { RefportError } = require('../errors.js');
const { fetchEngine } = require('./fetch/index.js');
const { forcedEngine } = require('./forced.js');

/**
 * `#engine` where no addon can be loaded: Workers and Edge runtimes.
 * @module
 */

/** @returns {import('./engine').Engine} */
function engine() {
  if (forcedEngine() === 'native') {
    throw new RefportError('REFPORT_ENGINE is native, but this runtime loads no native addons', { code: 'NO_BINARY' });
  }
  return fetchEngine;
}

const engineName = () => engine().name;

module.exports = { engine, engineName };
