'use strict';

/** Runs click-id.js, which compares getClickIdFromCookie with plain JavaScript, in a process of its own. */

const path = require('node:path');
const { execFileSync } = require('node:child_process');

/** @typedef {{ name: string, ownNs: number, plainNs: number, ratio: number, limit: number }} Row */

/** @returns {Row[]} */
function clickIdRows() {
  return JSON.parse(
    execFileSync(process.execPath, [path.join(__dirname, 'click-id.js'), '--json'], { encoding: 'utf8' }),
  );
}

module.exports = { clickIdRows };
