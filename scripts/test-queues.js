'use strict';

// The outboxes on Redis and Postgres, against real servers that the tests start, end and crash:
//
//   npm run test:queues                 all of it; SEED=1 repeats the choices of a crash test
//   npm run test:queues -- crash        these files

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { ensureServers } = require('./servers.js');

const root = path.resolve(__dirname, '..');
const folder = '__test__/queues';

/** @param {string[]} names */
function main(names) {
  ensureServers('redis-server', 'postgresql');
  const files = fs
    .readdirSync(path.join(root, folder))
    .filter((file) => file.endsWith('.test.js') && (names.length === 0 || names.includes(file.replace('.test.js', ''))))
    .map((file) => path.join(folder, file));
  if (files.length === 0) throw new Error(`No file in ${folder} is called ${names.join(' or ')}.test.js`);
  // One after the other: they are about time, and share a machine.
  const args = ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
