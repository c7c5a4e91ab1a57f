'use strict';

/** The version of package.json, without the rest of it. scripts/release/sync-version.js writes it. */
const VERSION = '1.0.0';

module.exports = { VERSION };
