'use strict';

// Packages that only the tests of the queues need. They are installed with the first test that asks for them.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const FOLDER = path.resolve(__dirname, '../../queues/packages');

/** @returns {NodeJS.Require} of the folder that has them */
function queuePackages() {
  const installed = path.join(FOLDER, 'node_modules/.package-lock.json');
  const lock = path.join(FOLDER, 'package-lock.json');
  if (!fs.existsSync(installed) || fs.statSync(installed).mtimeMs < fs.statSync(lock).mtimeMs) {
    const options = { cwd: FOLDER, shell: process.platform === 'win32' };
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], options);
    fs.utimesSync(installed, new Date(), new Date());
    // Generating asks for the engine of migrations, which is downloaded if nobody says where it is, and does not use it.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
    execFileSync('npx', ['prisma', 'generate', '--schema', 'schema.prisma'], { ...options, env });
  }
  return createRequire(path.join(FOLDER, 'package.json'));
}

module.exports = { FOLDER, queuePackages };
