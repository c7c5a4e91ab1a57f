'use strict';

const { RefportError } = require('../../client/errors.ts');

/**
 * @param {string} entry that needs the package
 * @param {string} install what to install
 * @param {() => any} load requires the package
 */
function requirePeer(entry, install, load) {
  try {
    return load();
  } catch (cause) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (cause);
    if (code === 'ERR_REQUIRE_ESM') {
      const message = `${entry} needs Node.js 20.19, 22.12 or newer: its package is an ES module`;
      throw new RefportError(message, { code: 'MISSING_DEPENDENCY', cause });
    }
    if (code !== 'MODULE_NOT_FOUND') throw cause;
    const message = `${entry} needs packages that are not installed: npm install ${install}`;
    throw new RefportError(message, { code: 'MISSING_DEPENDENCY', cause });
  }
}

module.exports = { requirePeer };
