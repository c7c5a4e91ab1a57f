#!/usr/bin/env node
'use strict';

// The programs that take minutes, each in a process of its own:
//
//   node scripts/long-run.js chaos    random faults on random connections under load
//   node scripts/long-run.js crash    processes with an outbox, killed at random and at failpoints
//   node scripts/long-run.js soak     whether anything grows with the number of calls
//
// Each entry of a plan is an option: `--rounds 3`. `--seed` repeats the choices of a run, as far as the network allows.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { liveBytesEnvironment } = require('../__test__/support/live-bytes.js');

/**
 * @typedef {object} LongRun
 * @property {string} program file in __test__/support/programs
 * @property {Record<string, number>} plan its only argument, as JSON
 * @property {boolean} [isSeeded] whether the plan takes a seed
 * @property {boolean} [watchesMemory] whether it collects garbage and reads how much memory is in use
 */

/** @type {Record<string, LongRun>} */
const RUNS = {
  chaos: { program: 'chaos.js', plan: { rounds: 12, calls: 4_000 }, isSeeded: true, watchesMemory: true },
  crash: { program: 'crash-rounds.js', plan: { rounds: 200 }, isSeeded: true },
  soak: {
    program: 'soak.js',
    // `limit`, in bytes a call: the smallest promise, error or buffer that stays is several times this.
    plan: { calls: 200_000, mostCalls: 1_000_000, concurrency: 128, limit: 16, leak: 0, idle: 12_000 },
    watchesMemory: true,
  },
};

/** @param {string[]} args */
function main([name = '', ...args]) {
  const run = RUNS[name];
  if (!run) throw new Error(`There is no run "${name}". There are: ${Object.keys(RUNS).join(', ')}.`);
  const plan = planOf(run, args);
  const seed = plan.seed === undefined ? '' : `, seed ${plan.seed}`;
  if (seed) console.log(`${name}${seed}`);
  const startedAt = performance.now();
  const { status, signal } = start(run, plan);
  const outcome = status === 0 ? 'passed' : `failed (${signal ?? status})${seed}`;
  console.log(`${name} ${outcome} in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  if (status !== 0) process.exitCode = 1;
}

/**
 * @param {LongRun} run
 * @param {string[]} args
 * @returns {Record<string, number>}
 */
function planOf({ plan, isSeeded }, args) {
  const defaults = isSeeded ? { ...plan, seed: Math.floor(Math.random() * 2 ** 31) } : plan;
  const names = Object.keys(defaults);
  const options = Object.fromEntries(names.map((name) => [name, { type: /** @type {const} */ ('string') }]));
  const { values } = parseArgs({ args, options });
  const chosen = Object.entries(values).map(([name, text]) => {
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Error(`--${name} takes a number, not "${text}".`);
    return [name, value];
  });
  return { ...defaults, ...Object.fromEntries(chosen) };
}

/**
 * @param {LongRun} run
 * @param {Record<string, number>} plan
 */
function start({ program, watchesMemory }, plan) {
  const file = path.resolve(__dirname, '../__test__/support/programs', program);
  const args = [file, JSON.stringify(plan)];
  if (!watchesMemory) return spawnSync(process.execPath, args, { stdio: 'inherit' });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-long-run-'));
  try {
    const env = { ...process.env, ...liveBytesEnvironment(folder) };
    return spawnSync(process.execPath, ['--expose-gc', ...args], { stdio: 'inherit', env });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
