'use strict';

const { RefportError } = require('../errors.js');
const { warnOnce } = require('../warn.js');
const { forcedEngine } = require('./forced.js');

/**
 * `#engine` where addons can be loaded: the addon, or `fetch` where it is missing.
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
  const forced = forcedEngine();
  if (forced === 'fetch') return overFetch();
  try {
    return require('./native.js').loadNative();
  } catch (cause) {
    const { missingBinary, waysOut } = require('./platform.js');
    const missing = missingBinary(cause);
    if (forced === 'native') {
      throw new RefportError(`REFPORT_ENGINE is native, but ${missing}. ${waysOut()}`, { code: 'NO_BINARY', cause });
    }
    const remedy = `${missing}. Calls go over fetch instead. ${waysOut()} REFPORT_ENGINE=fetch chooses fetch and ends this warning.`;
    warnOnce(remedy, 'REFPORT_NO_BINARY');
    return { ...overFetch(), remedy };
  }
}

/** Loaded where it is used: most processes never do. */
const overFetch = () => require('./fetch/index.js').fetchEngine;

const engineName = () => engine().name;

module.exports = { engine, engineName };
