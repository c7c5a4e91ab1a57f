'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');

/** The conformance script and what it is run with. */
const matrix = path.join(root, '__test__', 'matrix');

/** Where the runtimes and runners are installed. */
const tools = path.join(matrix, 'tools');

/** @param {string[]} parts */
const installed = (...parts) => path.join(tools, 'node_modules', ...parts);

/**
 * @typedef {object} Runtime
 * @property {[command: string, ...args: string[]]} command what runs a script
 * @property {() => string} label name and version
 * @property {'native' | 'fetch'} engine
 * @property {boolean} isNode whether Node's own test runner is there
 * @property {string} [folder] where the conformance script is; the clone, when left out
 * @property {string[]} [script] what is run instead of the conformance script
 */

/** @returns {Record<string, Runtime>} */
function runtimes() {
  const nodes = ['node-20', 'node-22', 'node-24', 'node-26'].map((name) => {
    const command = installed(name, 'bin', 'node');
    /** @type {Runtime} */
    const runtime = {
      command: [command],
      label: () => `Node ${versionOf(command).slice(1)}`,
      engine: 'native',
      isNode: true,
    };
    return [name, runtime];
  });
  const bun = installed('@oven', 'bun-linux-x64', 'bin', 'bun');
  const deno = installed('@deno', 'linux-x64-glibc', 'deno');
  return {
    ...Object.fromEntries(nodes),
    bun: { command: [bun], label: () => `Bun ${versionOf(bun)}`, engine: 'native', isNode: false },
    deno: {
      command: [deno, 'run', '--allow-all'],
      label: () => `Deno ${versionOf(deno).split(' ')[1]}`,
      engine: 'native',
      isNode: false,
    },
  };
}

/**
 * The same runtimes in a copy of the clone without an addon.
 * @param {string} folder
 * @returns {Record<string, Runtime>}
 */
function runtimesWithoutAddon(folder) {
  return Object.fromEntries(
    Object.entries(runtimes()).map(([name, runtime]) => {
      const label = () => `${runtime.label()}, no addon`;
      return [`${name}-fetch`, { ...runtime, label, engine: 'fetch', isNode: false, folder }];
    }),
  );
}

/**
 * Copies what the conformance script needs and leaves the addon out.
 * @param {string} folder
 */
function copyWithoutAddon(folder) {
  const filter = (/** @type {string} */ file) => !file.endsWith('.node');
  for (const name of ['package.json', 'dist']) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true, filter });
  }
  for (const name of fs.readdirSync(matrix).filter((name) => name.endsWith('.mjs'))) {
    fs.cpSync(path.join(matrix, name), path.join(folder, '__test__', 'matrix', name));
  }
}

/** Places that load no addons. @returns {Record<string, Runtime>} */
function edgePlaces() {
  const command = installed('node-24', 'bin', 'node');
  const version = (/** @type {string} */ name) => require(path.join(name, 'package.json')).version;
  const next = () => `Next.js ${version(path.join(root, 'node_modules/next'))}`;
  const labels = {
    workerd: () => `workerd ${version(installed('workerd'))}`,
    'edge-runtime': () => `edge-runtime ${version(installed('edge-runtime'))}`,
    'next-route': () => `${next()} Edge route`,
    'next-middleware': () => `${next()} middleware`,
    nitro: () => `Nitro ${version(installed('nitropack'))} cloudflare`,
  };
  return Object.fromEntries(
    Object.entries(labels).map(([name, label]) => {
      const script = [path.join('__test__', 'matrix', 'edge.js'), name];
      return [name, { command: [command], label, engine: 'fetch', isNode: false, script }];
    }),
  );
}

/** @param {string} command */
const versionOf = (command) => execFileSync(command, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';

/**
 * Test runners load addons in ways of their own: in several processes, in several threads, and in several contexts of
 * one thread.
 *
 * @returns {Record<string, [command: string, ...args: string[]]>}
 */
function runners() {
  const node = installed('node-24', 'bin', 'node');
  const jest = installed('jest', 'bin', 'jest.js');
  const vitest = installed('vitest', 'vitest.mjs');
  const folder = path.join(matrix, 'runners');
  /** @type {[string, ...string[]]} */
  const jestHere = [node, jest, '--rootDir', folder, '--testMatch', '**/*.jest.cjs'];
  /** @type {[string, ...string[]]} */
  const vitestHere = [node, vitest, 'run', '--root', folder, '--pool'];
  return {
    'node-test': [node, '--test', path.join(folder, 'a.node.cjs'), path.join(folder, 'b.node.cjs')],
    'jest-processes': [...jestHere, '--maxWorkers=2'],
    'jest-threads': [...jestHere, '--maxWorkers=2', '--workerThreads'],
    'jest-in-band': [...jestHere, '--runInBand', '--detectOpenHandles'],
    'vitest-forks': [...vitestHere, 'forks'],
    'vitest-threads': [...vitestHere, 'threads'],
    'vitest-vm-threads': [...vitestHere, 'vmThreads'],
  };
}

/** What a process does with calls in flight at its end, and threads at theirs. */
function lifecycleFiles() {
  const folder = path.join('__test__', 'lifecycle');
  const names = fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.test.js'));
  return names.map((name) => path.join(folder, name));
}

/** What Node's test runner takes to run those, with the failures at the end of its output. */
const lifecycleTests = () => ['--test', '--test-reporter=spec', ...lifecycleFiles()];

module.exports = { copyWithoutAddon, edgePlaces, lifecycleTests, runners, runtimes, runtimesWithoutAddon, tools };
