#!/usr/bin/env node
'use strict';

// `npm run test:soak`: 300 000 calls, a third of them failing in every way there is, after which memory, open files,
// threads and listeners must not have grown. `--calls` and `--concurrency` change its size.

const { parseArgs } = require('node:util');
const { runToEnd } = require('./long-run.js');

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '300000' },
    concurrency: { type: 'string', default: '128' },
    samples: { type: 'string', default: '30' },
    // The usual variation of RSS, spread over the calls. A promise, an error or a buffer that stays is several times this.
    'limit-bytes-per-call': { type: 'string', default: '16' },
  },
});

const plan = {
  calls: Number(values.calls),
  concurrency: Number(values.concurrency),
  samples: Number(values.samples),
  limitBytesPerCall: Number(values['limit-bytes-per-call']),
};
runToEnd('soak', 'soak.js', plan, { watchesMemory: true });
