'use strict';

// Brings lock files of examples up to date with their package.json: node scripts/examples/lock.js [EXAMPLE...]
// With `--update`, to the newest versions that package.json allows.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { completeFile } = require('../complete-lock.js');

const folder = path.resolve(__dirname, '../../examples');

/**
 * @param {string} name
 * @param {string} command
 */
function lock(name, command) {
  const cwd = path.join(folder, name);
  execFileSync('npm', [command, '--package-lock-only', '--omit-lockfile-registry-resolved'], { cwd, stdio: 'inherit' });
  const file = path.join(cwd, 'package-lock.json');
  const content = JSON.parse(fs.readFileSync(file, 'utf8'));
  // A copy of this package's manifest, development packages and all. npm does not need it for a link.
  content.packages['../..'] = {};
  fs.writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  completeFile(file, true);
}

const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const all = fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'package.json')));
for (const name of names.length > 0 ? names : all) lock(name, process.argv.includes('--update') ? 'update' : 'install');
