#!/usr/bin/env node
'use strict';

// `npm run test:crash`: processes with an outbox are killed, again and again, in front of an API that counts and then fails:
// at random moments, one process or two on one file, and at each transition of an entry's life, in a build with failpoints.
// `--seed` repeats the choices of a run.

const { parseArgs } = require('node:util');
const { newSeed, runToEnd } = require('./long-run.js');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: newSeed() },
    rounds: { type: 'string', default: '200' },
  },
});
const plan = { seed: Number(values.seed), rounds: Number(values.rounds) };

runToEnd('crash', 'crash-rounds.js', plan);
