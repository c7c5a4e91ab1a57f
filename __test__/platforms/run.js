'use strict';

// The addon on platforms other than this machine's: builds it for each and runs it there, under an emulator or musl's loader.
//
//   npm run test:platforms                       all
//   npm run test:platforms -- linux-arm64-gnu    these
//
// Runs on Linux x64 with Debian's packages, which it installs. On each platform: the conformance script of the matrix, the
// tests of the click id helpers, and an outbox whose process is killed. The Rust code for Windows is type-checked.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ensureServers } = require('../../scripts/servers.js');
const { buildFor, check } = require('./build.js');
const { nodeFor } = require('./node.js');
const { PLATFORMS } = require('./platforms.js');

/** @import { Platform } from './platforms.js' */

const root = path.resolve(__dirname, '../..');
const cache = path.join(root, '.cache', 'platforms');

/** Kills, half of them with two processes on one file. An emulated process takes seconds to start. */
const CRASHES = 20;
/** What is certainly a hang, in milliseconds. */
const LIMIT = 10 * 60_000;

let failed = 0;
let passed = 0;

/**
 * @param {string} name
 * @param {() => string | void} step returns what to say; throws if it fails
 */
function step(name, step) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(8);
  try {
    const said = step();
    passed += 1;
    console.log(`✓ ${name.padEnd(44)} ${seconds()}${said ? `  ${said}` : ''}`);
    return true;
  } catch (error) {
    failed += 1;
    console.log(`✗ ${name.padEnd(44)} ${seconds()}`);
    console.log(String(error instanceof Error ? error.message : error).replace(/^/gm, '    '));
    return false;
  }
}

/**
 * A copy of the clone with the addon of another platform alone.
 *
 * @param {string} name
 * @param {string} addon
 * @param {string} folder
 */
function copyWith(name, addon, folder) {
  const isWanted = (/** @type {string} */ file) => !/node_modules$|\.node$/.test(file);
  for (const part of ['package.json', 'dist', '__test__']) {
    fs.cpSync(path.join(root, part), path.join(folder, part), { recursive: true, filter: isWanted });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  fs.copyFileSync(addon, path.join(folder, 'dist', `native.${name}.node`));
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 */
function capture(command, args, cwd, env = {}) {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: LIMIT,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`ended with ${signal ?? status}\n${stdout.slice(-6000)}${stderr.slice(-2000)}`);
  return stdout;
}

/** @param {string} node @param {string} folder */
function conformance(node, folder) {
  const output = capture(node, [path.join('__test__', 'matrix', 'conformance.mjs')], folder);
  /** @type {import('../matrix/table.js').Check[]} */
  const checks = JSON.parse(output.trim().split('\n').at(-1) ?? '[]');
  const wrong = checks.filter(({ error }) => error).map(({ area, name, error }) => `${area}: ${name}\n${error}`);
  if (checks.length === 0 || wrong.length > 0) throw new Error(wrong.join('\n') || 'no checks');
  return `${checks.length} checks`;
}

/** @param {string} node @param {string} folder */
function clickIds(node, folder) {
  const place = path.join(folder, '__test__', 'click-id');
  // Some bundle the source, with a package that is installed for this machine alone.
  const isBundling = (/** @type {string} */ name) =>
    fs.readFileSync(path.join(place, name), 'utf8').includes('support/source.js');
  const files = fs.readdirSync(place).filter((name) => name.endsWith('.test.js') && !isBundling(name));
  let tests = 0;
  for (const file of files) {
    const output = capture(node, [path.join(place, file)], folder);
    const count = Number(/^# tests (\d+)$/m.exec(output)?.[1] ?? /tests (\d+)/.exec(output)?.[1] ?? 0);
    if (count === 0) throw new Error(`${file} ran no tests\n${output}`);
    tests += count;
  }
  return `${tests} tests`;
}

/** @param {string} node @param {string} folder */
function crashes(node, folder) {
  const programs = path.join('__test__', 'support', 'programs');
  const plan = { seed: Date.now() % 2 ** 31, rounds: CRASHES, node, program: path.join(folder, programs, 'crash.js') };
  const output = capture(process.execPath, [path.join(root, programs, 'crash-rounds.js'), JSON.stringify(plan)], root);
  return output.trim().split('\n').at(-1);
}

/** @param {string} name @param {Platform} platform */
function tryPlatform(name, platform) {
  ensureServers(...platform.packages);
  if (!platform.node) return void step(`${name}: types`, () => check(platform));
  let addon = '';
  let node = '';
  const isReady =
    step(`${name}: build`, () => {
      addon = buildFor(platform, cache);
      return `${(fs.statSync(addon).size / 1e6).toFixed(1)} MB`;
    }) &&
    step(`${name}: Node`, () => {
      node = nodeFor(platform, path.join(cache, name), addon);
      return capture(node, ['--print', 'process.version + " on " + process.arch'], root).trim();
    });
  if (!isReady) return;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-platform-'));
  try {
    copyWith(name, addon, folder);
    step(`${name}: conformance`, () => conformance(node, folder));
    step(`${name}: click id helpers`, () => clickIds(node, folder));
    step(`${name}: ${CRASHES} crashes of an outbox`, () => crashes(node, folder));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string[]} names */
function main(names) {
  const unknown = names.find((name) => !PLATFORMS[name]);
  if (unknown) throw new Error(`There is no platform "${unknown}". There are: ${Object.keys(PLATFORMS).join(', ')}.`);
  for (const [name, platform] of Object.entries(PLATFORMS)) {
    if (names.length === 0 || names.includes(name)) tryPlatform(name, platform);
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
