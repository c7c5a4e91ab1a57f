'use strict';

// The public API on every runtime, and under every test runner:
//
//   npm run test:matrix                    all; installs the runtimes under __test__/matrix first
//   npm run test:matrix -- node-22 bun     these
//   node __test__/matrix/run.js --here     the Node that runs this, and nothing to install
//   npm run test:matrix -- --conformance   the conformance scripts alone, without lifecycles and test runners
//   npm run test:matrix -- --write         all, and puts the table into docs/runtimes.md
//
// The runtimes come as npm packages for Linux on x64; elsewhere, use --here.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {
  copyWithoutAddon,
  edgePlaces,
  lifecycleTests,
  tools,
  runners,
  runtimes,
  runtimesWithoutAddon,
} = require('./runs.js');
const { insertTable, markdownTable } = require('./table.js');

/** @import { Check, Row } from './table.js' */

const root = path.resolve(__dirname, '../..');

/** A conformance run or a runner's run takes seconds; this only keeps a hang from lasting for ever. */
const LIMIT = 5 * 60_000;

/** @param {[command: string, ...args: string[]]} command */
async function capture([command, ...args]) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  /** @type {string | number | null} */
  const end = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  return { end, output, errors };
}

const onlyConformance = process.argv.includes('--conformance');

let failed = 0;
let passed = 0;

/**
 * @param {string} name
 * @param {string} problem empty if it passed
 * @param {number} start
 */
function report(name, problem, start) {
  const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  if (problem) failed += 1;
  else passed += 1;
  console.log(`${problem ? '✗' : '✓'} ${name.padEnd(44)} ${seconds.padStart(7)}`);
  if (problem) console.log(problem.replace(/^/gm, '    '));
}

/**
 * @param {string} name
 * @param {[command: string, ...args: string[]]} command
 * @param {string[]} [script]
 * @returns {Promise<Check[]>}
 */
async function conformance(name, command, script = [path.join('__test__', 'matrix', 'conformance.mjs')]) {
  const start = performance.now();
  const { end, output, errors } = await capture([...command, ...script]);
  const last = output.trim().split('\n').at(-1) ?? '';
  /** @type {Check[]} */
  const checks = last.startsWith('[') ? JSON.parse(last) : [];
  const wrong = checks.filter(({ error }) => error).map(({ area, name, error }) => `${area}: ${name}\n${error}`);
  // A crash at the very end shows in the exit code alone.
  if (checks.length === 0 || (wrong.length === 0 && end !== 0)) wrong.push(`ended with ${end}\n${errors}`);
  report(`${name}: conformance, ${checks.length} checks`, wrong.join('\n'), start);
  return checks;
}

/**
 * @param {string} name
 * @param {[command: string, ...args: string[]]} command
 */
async function passes(name, command) {
  const start = performance.now();
  const { end, output, errors } = await capture(command);
  // Jest reports open handles without failing.
  const isQuiet = !errors.includes('open handle');
  report(name, end === 0 && isQuiet ? '' : `ended with ${end}\n${output.slice(-4000)}${errors.slice(-2000)}`, start);
}

function install() {
  const installed = path.join(tools, 'node_modules', '.package-lock.json');
  const lock = path.join(tools, 'package-lock.json');
  const isCurrent = fs.existsSync(installed) && fs.statSync(installed).mtimeMs >= fs.statSync(lock).mtimeMs;
  if (isCurrent) return;
  // The packages carry their binaries; what their scripts do is not needed.
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: tools, stdio: 'inherit' });
  if (status !== 0) throw new Error('The runtimes could not be installed.');
}

async function here() {
  await conformance(`this Node ${process.versions.node}`, [process.execPath]);
  if (!onlyConformance) await passes('this Node: lifecycle', [process.execPath, ...lifecycleTests()]);
}

/** @param {string[]} names */
async function all(names) {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-no-addon-'));
  try {
    copyWithoutAddon(copy);
    return await run(names, { ...runtimes(), ...runtimesWithoutAddon(copy), ...edgePlaces() });
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * @param {string[]} names
 * @param {ReturnType<typeof runtimes>} places
 */
async function run(names, places) {
  const known = [...Object.keys(places), ...Object.keys(runners())];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown) throw new Error(`There is no ${unknown}. There are: ${known.join(', ')}.`);
  /** @param {string} name */
  const wanted = (name) => names.length === 0 || names.includes(name);
  /** @type {Row[]} */
  const rows = [];
  for (const [name, { label, engine, command, isNode, folder, script }] of Object.entries(places)) {
    if (!wanted(name)) continue;
    const there = folder ? [path.join(folder, '__test__', 'matrix', 'conformance.mjs')] : undefined;
    rows.push({ label: label(), engine, checks: await conformance(name, command, script ?? there) });
    if (isNode && !onlyConformance) await passes(`${name}: lifecycle`, [...command, ...lifecycleTests()]);
  }
  for (const [name, command] of Object.entries(runners()))
    if (wanted(name) && !onlyConformance) await passes(name, command);
  return rows;
}

/** @param {string[]} args */
async function main(args) {
  if (args.includes('--here')) await here();
  else {
    install();
    const rows = await all(args.filter((arg) => !arg.startsWith('--')));
    const table = markdownTable(rows);
    console.log(`\n${table}`);
    if (args.includes('--write')) insertTable(path.join(root, 'docs', 'runtimes.md'), table);
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
