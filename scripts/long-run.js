'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');

/**
 * Runs the programs behind `npm run test:chaos`, `test:crash` and `test:soak`.
 * @module
 */

const programs = path.join(__dirname, '..', '__test__', 'support', 'programs');

/**
 * Runs one to its end, says how it ended and after how long, and makes this process fail if it did.
 *
 * @param {string} suite
 * @param {string} program file name
 * @param {object & { seed?: number }} plan its only argument, as JSON
 * @param {{ watchesMemory?: boolean }} [options] `watchesMemory`: it can collect garbage, and freed memory goes back
 */
function runToEnd(suite, program, plan, { watchesMemory = false } = {}) {
  const seed = plan.seed === undefined ? '' : `, seed ${plan.seed}`;
  if (seed) console.log(`${suite}${seed}`);
  const startedAt = performance.now();
  const { status, signal } = spawnSync(
    process.execPath,
    [...(watchesMemory ? ['--expose-gc'] : []), path.join(programs, program), JSON.stringify(plan)],
    {
      stdio: 'inherit',
      // glibc keeps freed memory for later by default; what it keeps would be taken for a leak.
      env: watchesMemory ? { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' } : process.env,
    },
  );
  const outcome = status === 0 ? 'passed' : `failed (${signal ?? status})${seed}`;
  console.log(`${suite} ${outcome} in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  if (status !== 0) process.exitCode = 1;
}

/** A seed for a run that was given none. */
const newSeed = () => String(Math.floor(Math.random() * 2 ** 31));

module.exports = { newSeed, runToEnd };
