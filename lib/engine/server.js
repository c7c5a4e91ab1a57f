'use strict';

const host = require('#host');
const { RefportError, RefportValidationError } = require('../errors.js');
const { warnOnce } = require('../warn.js');

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

/**
 * The engine that REFPORT_ENGINE asks for.
 * @returns {import('./engine').Engine['name'] | undefined}
 */
function forcedEngine() {
  const name = host.environment('REFPORT_ENGINE') || undefined;
  if (name === undefined || name === 'native' || name === 'fetch') return name;
  throw new RefportValidationError(`REFPORT_ENGINE must be "native" or "fetch", not ${JSON.stringify(name)}`);
}

/** Loaded where it is used: most processes never do. */
const overFetch = () => require('./fetch/index.js').fetchEngine;

const engineName = () => engine().name;

module.exports = { engine, engineName };
