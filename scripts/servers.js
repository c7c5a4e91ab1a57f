'use strict';

/**
 * The database servers that tests and benchmarks start.
 * @module
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

/** By the names of Debian's packages, how each is found. */
const SERVERS = {
  'redis-server': () => isCommand('redis-server'),
  // Debian keeps it out of the path.
  postgresql: () => isCommand('postgres') || fs.existsSync('/usr/lib/postgresql'),
};

/** @param {string} command */
const isCommand = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/**
 * Installs what is missing, where that is possible.
 * @param {...keyof typeof SERVERS} names
 */
function ensureServers(...names) {
  const missing = names.filter((name) => !SERVERS[name]());
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (process.getuid?.() !== 0 || !isCommand('apt-get')) {
    throw new Error(
      `These are needed and were not found: ${list}. On Debian and Ubuntu: sudo apt-get install ${list}; on macOS: ` +
        `brew install ${list.replace('redis-server', 'redis')}`,
    );
  }
  const options = {
    stdio: /** @type {const} */ ('inherit'),
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  const { status } = spawnSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...missing], options);
  if (status !== 0) throw new Error(`apt-get could not install ${list}`);
}

module.exports = { ensureServers };
