'use strict';

const { loadNative } = require('./native.js');

/**
 * Picks the engine where Node's API is there.
 * @module
 */

/** @type {import('./engine').Engine | undefined} */
let chosen;

/** @returns {import('./engine').Engine} */
function engine() {
  chosen ??= choose();
  return chosen;
}

function choose() {
  try {
    return loadNative();
  } catch (cause) {
    throw require('./platform.js').missingBinary(cause);
  }
}

module.exports = { engine };
