'use strict';

// `npm run demo`: makes the clone usable, then shows the package at work. Arguments go to the demo itself.

const { spawnSync } = require('node:child_process');
const path = require('node:path');

/** @param {...string} args */
function node(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: path.resolve(__dirname, '..'), stdio: 'inherit' });
  return status ?? 1;
}

process.exitCode = node('scripts/bootstrap.js') || node('examples/demo/index.js', ...process.argv.slice(2));
