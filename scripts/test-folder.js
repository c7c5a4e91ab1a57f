'use strict';

// Runs the test files of a folder that `npm test` leaves out:
//
//   node scripts/test-folder.js queues          all of its files
//   node scripts/test-folder.js queues crash    these

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ensureServers, findBrowser } = require('./servers.js');

const root = path.resolve(__dirname, '..');

/**
 * @typedef {object} Folder
 * @property {number} concurrency files at a time; one where they are about time
 * @property {() => NodeJS.ProcessEnv | void} [prepare] installs what they need, and says what they are told
 */

/** @type {Record<string, Folder>} */
const FOLDERS = {
  browser: { concurrency: 2, prepare: prepareBrowser },
  install: { concurrency: 1 },
  performance: { concurrency: 1 },
  queues: { concurrency: 1, prepare: () => ensureServers('redis-server', 'postgresql') },
};

function prepareBrowser() {
  const chosen = process.env.REFPORT_CHROMIUM;
  if (chosen && !fs.existsSync(chosen)) throw new Error(`REFPORT_CHROMIUM leads to no file: ${chosen}`);
  if (!chosen) ensureServers('chromium');
  // WebKit with its tracking prevention, for webkit.test.js; Safari cannot be driven without a person.
  if (process.platform === 'linux') ensureServers('webkit2gtk-driver', 'xvfb');
  return { REFPORT_CHROMIUM: chosen ?? findBrowser() };
}

/** @param {string[]} args */
function main([name = '', ...wanted]) {
  const folder = FOLDERS[name];
  if (!folder) throw new Error(`There is no folder "${name}" here. There are: ${Object.keys(FOLDERS).join(', ')}.`);
  const place = path.join('__test__', name);
  const files = fs
    .readdirSync(path.join(root, place))
    .filter((file) => file.endsWith('.test.js') && (wanted.length === 0 || wanted.includes(file.slice(0, -8))));
  if (files.length === 0) throw new Error(`No file in ${place} is called ${wanted.join(' or ')}.test.js.`);
  const env = { ...process.env, ...folder.prepare?.() };
  // A test that hangs must not take the whole run with it.
  const args = ['--test', '--test-timeout=900000', '--test-reporter=spec', `--test-concurrency=${folder.concurrency}`];
  const paths = files.map((file) => path.join(place, file));
  const { status } = spawnSync(process.execPath, [...args, ...paths], { cwd: root, stdio: 'inherit', env });
  process.exitCode = status ?? 1;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
