#!/usr/bin/env node
'use strict';

// `npm run test:chaos`: rounds of random faults on random connections under load, and after each round what must hold
// whatever happened. `--seed` repeats the choices of a run (what the network makes of them is its own affair).

const { parseArgs } = require('node:util');
const { newSeed, runToEnd } = require('./long-run.js');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: newSeed() },
    rounds: { type: 'string', default: '12' },
    calls: { type: 'string', default: '4000' },
  },
});
const plan = { seed: Number(values.seed), rounds: Number(values.rounds), calls: Number(values.calls) };

runToEnd('chaos', 'chaos.js', plan, { watchesMemory: true });
