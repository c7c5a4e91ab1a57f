'use strict';

// Everything that has to hold before a change is done, the quick steps first.
//
//   node scripts/test.js                 all steps
//   node scripts/test.js biome clippy    only these

const { spawn } = require('node:child_process');
const { once } = require('node:events');
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

const thisMachine = ['--target', 'host-tuple'];

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
  // napi names the target, which makes folders of their own of what it compiles: so it is compiled once.
  clippy: ['cargo', 'clippy', '--quiet', '--locked', '--all-targets', ...thisMachine, '--', '-D', 'warnings'],
  'cargo-test': ['cargo', 'test', '--quiet', '--locked', ...thisMachine],
  node: [process.execPath, ...runner, ...tests],
  'node-fetch': [process.execPath, ...runner, ...engineTests],
};

/** @type {Record<string, NodeJS.ProcessEnv>} */
const environments = { 'node-fetch': { REFPORT_ENGINE: 'fetch' } };

/** They compile while the others run, since tests wait more than they work, and print what they have to say at their end. */
const BESIDE = ['clippy', 'cargo-test'];

/** @param {string[]} names */
async function runAll(names) {
  const unknown = names.filter((name) => !steps[name]);
  if (unknown.length > 0) {
    console.error(`No step is called ${unknown.join(', ')}. There are: ${Object.keys(steps).join(', ')}.`);
    return false;
  }
  // What it installs and builds is what the others need.
  if (names.includes('bootstrap') && !(await run('bootstrap'))) return false;
  const others = names.filter((name) => name !== 'bootstrap');
  let passed = true;
  /** @param {string[]} lane */
  const inTurn = async (lane) => {
    for (const name of lane) if (passed) passed = (await run(name)) && passed;
  };
  await Promise.all([
    inTurn(others.filter((name) => !BESIDE.includes(name))),
    inTurn(others.filter((name) => BESIDE.includes(name))),
  ]);
  return passed;
}

/** @param {string} name */
async function run(name) {
  const [command = '', ...args] = steps[name] ?? [];
  const beside = BESIDE.includes(name);
  if (!beside) console.log(`\n> ${name}`);
  const start = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    stdio: beside ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env: { ...process.env, ...environments[name] },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const status = await once(child, 'close').then(
    ([code]) => code,
    (error) => error.message,
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (status === 0) {
    // The test runner's own summary is the last thing to read.
    if (!name.startsWith('node')) console.log(`✓ ${name} ${seconds} s`);
    return true;
  }
  process.stderr.write(output);
  console.error(`✗ ${name} failed after ${seconds} s (${status})`);
  return false;
}

if (require.main === module) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(steps);
  runAll(names).then((passed) => {
    if (!passed) process.exitCode = 1;
  });
}

module.exports = { tests };
