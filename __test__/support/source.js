'use strict';

// A source module on its own, for the few tests that look inside: bundled when it is asked for, next to the addon.
// Its classes and state are not those of the package that other tests load by name.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const rolldown = path.join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');

/**
 * @param {string} file below the root, such as `lib/click/cookie.ts`
 * @returns {any} its exports
 */
function loadSource(file) {
  const bundle = path.join(root, 'dist', `.${file.replaceAll('/', '-')}.${process.pid}.cjs`);
  const external = ['./native.cjs', 'bullmq', 'ioredis', 'pg-boss'].flatMap((name) => ['--external', name]);
  const args = [
    path.join(root, file),
    '--format',
    'cjs',
    '--platform',
    'node',
    '--no-makeAbsoluteExternalsRelative',
    ...external,
    '--file',
    bundle,
  ];
  execFileSync(process.execPath, [rolldown, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    return require(bundle);
  } finally {
    fs.rmSync(bundle);
  }
}

module.exports = { loadSource };
