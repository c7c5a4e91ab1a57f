'use strict';

// Processes whose clock jumps and whose disk fails when a test says so: faulty-libc.c, compiled with the C compiler that
// Rust links with.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { temporaryFolder } = require('./outbox.js');

const isThere = (() => {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** For the option `skip` of a test. */
const noFaultyLibc = !isThere && 'needs Linux and a C compiler';

/**
 * The environment of a process with such a C library, and what makes it faulty.
 *
 * @param {import('node:test').TestContext} t
 */
function faultyLibc(t) {
  const folder = temporaryFolder(t);
  const library = path.join(folder, 'faulty-libc.so');
  const [clock, disk] = [path.join(folder, 'clock'), path.join(folder, 'disk')];
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, path.join(__dirname, 'faulty-libc.c')]);
  return {
    env: { LD_PRELOAD: library, FAULTY_CLOCK: clock, FAULTY_DISK: disk },
    /** @param {number} seconds by which the time of day is wrong from now on */
    setClock(seconds) {
      // At once: a half-written number would be another jump.
      fs.writeFileSync(`${clock}-new`, String(seconds));
      fs.renameSync(`${clock}-new`, clock);
    },
    /** @param {'write' | 'sync' | undefined} call which fails from now on */
    failDisk(call) {
      if (call === undefined) return fs.rmSync(disk);
      fs.writeFileSync(`${disk}-new`, call);
      fs.renameSync(`${disk}-new`, disk);
    },
  };
}

module.exports = { faultyLibc, noFaultyLibc };
