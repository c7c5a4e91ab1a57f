'use strict';

const path = require('node:path');

/**
 * An entry of the package as it was built in this clone.
 * @param {string} [entry] name of its file in dist/
 * @returns {any}
 */
const built = (entry = 'index') => require(path.join(__dirname, '..', 'dist', `${entry}.cjs`));

module.exports = { built };
