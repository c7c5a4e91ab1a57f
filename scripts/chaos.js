#!/usr/bin/env node
'use strict';

// `npm run test:chaos`: rounds of random faults on random connections under load, and after each round what must hold
// whatever happened. `--seed` repeats the choices of a run (what the network makes of them is its own affair).

const { spawn } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    rounds: { type: 'string', default: '12' },
    calls: { type: 'string', default: '4000' },
  },
});
const plan = { seed: Number(values.seed), rounds: Number(values.rounds), calls: Number(values.calls) };

console.log(`chaos, seed ${plan.seed}`);
const program = path.join(__dirname, '..', '__test__', 'support', 'programs', 'chaos.js');
const startedAt = performance.now();
const child = spawn(process.execPath, ['--expose-gc', program, JSON.stringify(plan)], {
  stdio: 'inherit',
  // glibc keeps freed memory for later by default; what it keeps would be taken for a leak.
  env: { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
});
child.once('exit', (code, signal) => {
  const failed = signal !== null || code !== 0;
  const outcome = failed ? `failed (${signal ?? code}), seed ${plan.seed}` : 'passed';
  console.log(`chaos ${outcome} in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  process.exitCode = failed ? 1 : 0;
});
