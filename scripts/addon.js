'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * The addon that `npm run build` put into dist/ for this machine.
 * @module
 */

const dist = path.resolve(__dirname, '../dist');

/** Its file name, such as `native.linux-x64-gnu.node`. */
function addonName() {
  const [name] = fs.readdirSync(dist).filter((file) => /^native\..+\.node$/.test(file));
  if (name === undefined) throw new Error('There is no addon in dist/: run "npm run build" first.');
  return name;
}

/** Its path. */
const addonFile = () => path.join(dist, addonName());

/** This machine's name in the names of addons and packages, such as `linux-x64-gnu`. */
const platformName = () => addonName().split('.')[1] ?? '';

module.exports = { addonFile, platformName };
