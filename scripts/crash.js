#!/usr/bin/env node
'use strict';

// `npm run test:crash`: processes with an outbox are killed, again and again, in front of an API that counts and then fails:
// at random moments, one process or two on one file, and at each transition of an entry's life, in a build with failpoints.
// `--seed` repeats the choices of a run.

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    rounds: { type: 'string', default: '200' },
  },
});
const plan = { seed: Number(values.seed), rounds: Number(values.rounds) };

console.log(`crash, seed ${plan.seed}`);
const program = path.join(__dirname, '..', '__test__', 'support', 'programs', 'crash-rounds.js');
const startedAt = performance.now();
const { status } = spawnSync(process.execPath, [program, JSON.stringify(plan)], { stdio: 'inherit' });
const outcome = status === 0 ? 'passed' : `failed, seed ${plan.seed}`;
console.log(`crash ${outcome} in ${Math.round((performance.now() - startedAt) / 1000)} s`);
if (status !== 0) process.exitCode = 1;
