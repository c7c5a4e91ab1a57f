'use strict';

/** Everything the benchmark needs that a clone does not have: packages, the server, the addon. */

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');

const ROOT = path.join(__dirname, '..');
const TARGET = path.join(__dirname, 'target');
const EXE = process.platform === 'win32' ? '.exe' : '';

function prepare() {
  if (!fs.existsSync(path.join(__dirname, 'node_modules'))) run(__dirname, 'npm', ['ci']);
  if (!addonFile()) {
    if (!fs.existsSync(path.join(ROOT, 'node_modules'))) run(ROOT, 'npm', ['ci']);
    run(ROOT, 'npm', ['run', 'build']);
  }
  const addon = addonFile();
  if (!addon) throw new Error('npm run build left no native.*.node behind');
  // A folder of its own, so that features of the two builds do not push each other out of one. Cheap when up to date.
  run(ROOT, 'cargo', [
    'build',
    '--quiet',
    '--release',
    '--locked',
    '--package',
    'refport-bench-server',
    '--target-dir',
    TARGET,
  ]);
  return { addon, server: binary('bench-server'), limit: binary('bench-limit') };
}

/** @param {string} name */
function binary(name) {
  return path.join(TARGET, 'release', name + EXE);
}

function addonFile() {
  const name = fs.readdirSync(ROOT).find((file) => /^native\..+\.node$/.test(file));
  return name && path.join(ROOT, name);
}

/**
 * @param {string} cwd
 * @param {string} command
 * @param {string[]} args
 */
function run(cwd, command, args) {
  process.stderr.write(`${command} ${args[0]} ${args[1] ?? ''}…\n`);
  // The results go to standard output, so the tools' own words do not.
  execFileSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}

module.exports = { prepare, ROOT };
