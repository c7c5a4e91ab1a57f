'use strict';

/**
 * The programs beside Node and Rust that tests and benchmarks need: database servers, a browser, other machines' tools.
 * @module
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** By the names of Debian's packages, how each is found. @type {Record<string, () => boolean>} */
const SERVERS = {
  'redis-server': () => isCommand('redis-server'),
  // Debian keeps it out of the path.
  postgresql: () => isCommand('postgres') || fs.existsSync('/usr/lib/postgresql'),
  chromium: () => findBrowser() !== undefined,
};

/** By the same names, what Homebrew calls them, where it differs. @type {Record<string, string>} */
const HOMEBREW = { 'redis-server': 'redis' };

/** @param {string} command */
const isCommand = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Path of a Chromium or Chrome, if there is one. */
const findBrowser = () => BROWSERS.find((file) => fs.existsSync(file));

/**
 * Installs what is missing, with apt-get as root or by sudo without a password.
 *
 * @param {...string} names of Debian's packages
 * @throws {Error} if something is missing and cannot be installed; it says what to install, and how
 */
function ensureServers(...names) {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const apt = packageManager();
  if (!apt) throw new Error(advice(missing));
  apt('update', '-qq');
  if (apt('install', '-qq', '-y', '--no-install-recommends', ...missing) !== 0) {
    throw new Error(`apt-get could not install ${missing.join(' ')}; its output is above.`);
  }
}

/** @param {string} name */
function isInstalled(name) {
  const isThere = SERVERS[name];
  if (isThere) return isThere();
  const { stdout } = spawnSync('dpkg', ['--status', name], { encoding: 'utf8' });
  return /^Status: install ok installed$/m.test(stdout ?? '');
}

/** @returns {((...args: string[]) => number | null) | undefined} runs apt-get, if this user may */
function packageManager() {
  if (!isCommand('apt-get')) return undefined;
  const isRoot = process.getuid?.() === 0;
  const maySudo = () => spawnSync('sudo', ['--non-interactive', 'true'], { stdio: 'ignore' }).status === 0;
  if (!isRoot && !maySudo()) return undefined;
  const command = [
    ...(isRoot ? [] : ['sudo', '--non-interactive']),
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
  ];
  return (...args) => {
    const [program = '', ...before] = command;
    // Its output is kept apart from the suite's own, which a program may read.
    return spawnSync(program, [...before, ...args], { stdio: ['ignore', 2, 2] }).status;
  };
}

/** @param {string[]} missing */
function advice(missing) {
  const brew = missing.map((name) => HOMEBREW[name] ?? name);
  return [
    `These are needed and were not found: ${missing.join(', ')}.`,
    `  Debian, Ubuntu: sudo apt-get update && sudo apt-get install -y ${missing.join(' ')}`,
    `  macOS:          brew install ${brew.join(' ')}`,
    ...(missing.includes('chromium') ? ['Or set REFPORT_CHROMIUM to the path of a Chromium or Chrome.'] : []),
  ].join('\n');
}

module.exports = { ensureServers, findBrowser };
