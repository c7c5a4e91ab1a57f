'use strict';

/** Everything the benchmark needs that a clone does not have. */

const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { platformName } = require('../scripts/addon.js');

const ROOT = path.join(__dirname, '..');
const TARGET = path.join(__dirname, 'target');
const EXE = process.platform === 'win32' ? '.exe' : '';

/** Builds the server when it is not up to date, finds the addon. */
function prepare() {
  const addon = path.join(ROOT, 'dist', `native.${platformName()}.node`);
  if (!fs.existsSync(addon))
    throw new Error('The addon is not built yet: `npm run bench` in the root builds it first.');
  // A folder of its own, so that features of the two builds do not push each other out of one.
  const build = ['build', '--quiet', '--release', '--locked', '--package', 'refport-bench-server'];
  // The addon is built to be small; its limit and its server are to be as fast as they get.
  run(ROOT, 'cargo', [...build, '--target-dir', TARGET, '--config', 'profile.release.opt-level=3']);
  return { addon, server: binary('bench-server'), limit: binary('bench-limit') };
}

/** @param {string} name */
function binary(name) {
  return path.join(TARGET, 'release', name + EXE);
}

/**
 * @param {string} cwd
 * @param {string} command
 * @param {string[]} args
 */
function run(cwd, command, args) {
  process.stderr.write(`> ${command} ${args[0]}\n`);
  // The results go to standard output, so the tools' own words do not.
  execFileSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}

module.exports = { prepare, ROOT };
