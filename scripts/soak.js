#!/usr/bin/env node
'use strict';

// `npm run test:soak`: 300 000 calls, a third of them failing in every way there is, after which memory, open files,
// threads and listeners must not have grown. `--calls` and `--concurrency` change its size.

const { spawn } = require('node:child_process');
const path = require('node:path');
const { parseArgs } = require('node:util');

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
const program = path.join(__dirname, '..', '__test__', 'support', 'programs', 'soak.js');

const startedAt = performance.now();
const child = spawn(process.execPath, ['--expose-gc', program, JSON.stringify(plan)], {
  stdio: 'inherit',
  // glibc keeps freed memory for later by default; what it keeps would be taken for a leak.
  env: { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
});
child.once('exit', (code, signal) => {
  const failed = signal !== null || code !== 0;
  console.log(
    `soak ${failed ? `failed (${signal ?? code})` : 'passed'} in ${Math.round((performance.now() - startedAt) / 1000)} s`,
  );
  process.exitCode = failed ? 1 : 0;
});
