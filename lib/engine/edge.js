'use strict';

const { fetchEngine } = require('./fetch/index.js');

/**
 * `#engine` where no addon can be loaded: Workers and Edge runtimes. There is nothing to choose.
 * @module
 */

/** @returns {import('./engine').Engine} */
const engine = () => fetchEngine;

const engineName = () => fetchEngine.name;

module.exports = { engine, engineName };
