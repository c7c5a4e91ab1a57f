'use strict';

// Everything that has to hold before a change is done, one step after the other, the quick ones first.
//
//   node scripts/test.js                 all steps
//   node scripts/test.js biome clippy    only these

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { nativeOnlyFiles, withoutEngine } = require('../__test__/support/engine.js');

const root = path.resolve(__dirname, '..');

// Those that take long, or measure times, have commands of their own: npm run test:browser, test:install, test:performance
// and test:queues.
const OWN_COMMAND = /^(browser|install|performance|queues)\b/;
const tests = fs
  .readdirSync(path.join(root, '__test__'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.test\.m?js$/.test(file) && !file.includes('node_modules') && !OWN_COMMAND.test(file))
  .map((file) => path.join('__test__', file))
  .sort();

/** Test files that either engine must pass. */
const engineTests = tests.filter((file) => {
  const [, folder = '', ...rest] = file.split(path.sep);
  return ![...withoutEngine, ...Object.keys(nativeOnlyFiles)].some((name) =>
    [folder, [folder, ...rest].join('/')].includes(name),
  );
});

// Files wait more than they work: one fewer at a time than there are cores, as the runner has it, leaves time unused.
const runner = [
  '--test',
  '--test-timeout=600000',
  '--test-reporter=spec',
  `--test-concurrency=${os.availableParallelism()}`,
];

/** @type {Record<string, [command: string, ...args: string[]]>} */
const steps = {
  bootstrap: [process.execPath, 'scripts/bootstrap.js', '--debug', 'bench'],
  biome: [process.execPath, 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  prose: [process.execPath, 'scripts/prose.mjs'],
  tsc: [process.execPath, 'node_modules/typescript/bin/tsc', '--project', '.'],
  'tsc-dashboard': [process.execPath, 'node_modules/typescript/bin/tsc', '--project', 'sandbox/dashboard/browser'],
  'tsc-tests': [process.execPath, 'node_modules/typescript/bin/tsc', '--project', '__test__'],
  'tsc-bench': [process.execPath, 'node_modules/typescript/bin/tsc', '--project', 'bench'],
  rustfmt: ['cargo', 'fmt', '--all', '--check'],
  clippy: ['cargo', 'clippy', '--quiet', '--locked', '--all-targets', '--', '-D', 'warnings'],
  'cargo-test': ['cargo', 'test', '--quiet', '--locked'],
  node: [process.execPath, ...runner, ...tests],
  'node-fetch': [process.execPath, ...runner, ...engineTests],
};

/** @type {Record<string, NodeJS.ProcessEnv>} */
const environments = { 'node-fetch': { REFPORT_ENGINE: 'fetch' } };

/** @param {string} name */
function run(name) {
  const [command, ...args] = steps[name] ?? [];
  if (!command) {
    console.error(`No step is called ${name}. There are: ${Object.keys(steps).join(', ')}.`);
    return false;
  }
  console.log(`\n> ${name}`);
  const start = performance.now();
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environments[name] },
  });
  if (error) console.error(error.message);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  // The test runner's own summary is the last thing to read.
  if (status !== 0) console.error(`✗ ${name} failed after ${seconds} s`);
  else if (!name.startsWith('node')) console.log(`✓ ${name} ${seconds} s`);
  return status === 0;
}

if (require.main === module) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(steps);
  if (!names.every(run)) process.exitCode = 1;
}

module.exports = { tests };
