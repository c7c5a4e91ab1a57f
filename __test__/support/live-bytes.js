'use strict';

// How much native memory a process uses: what malloc has handed out, as live-bytes.c tells. The resident set size goes up and
// down with what the allocator keeps for later, by tens of megabytes.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * The environment of a process that calls `nativeBytes`: with live-bytes.c compiled and preloaded where there is glibc and a C
 * compiler.
 *
 * @param {string} folder for the library
 * @returns {Record<string, string>}
 */
function liveBytesEnvironment(folder) {
  // One arena, and freed memory goes back to the system: what malloc keeps for later would look like a leak.
  const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
  const library = path.join(folder, 'live-bytes.so');
  try {
    if (process.platform !== 'linux') return allocator;
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, path.join(__dirname, 'live-bytes.c')], {
      stdio: 'ignore',
    });
    return { ...allocator, LD_PRELOAD: library };
  } catch {
    // musl has no mallinfo2, and not every machine has a compiler.
    return allocator;
  }
}

/** Live bytes of malloc, or the resident set size where they are not known. */
function nativeBytes() {
  try {
    return Number(fs.readlinkSync('/live-bytes'));
  } catch {
    return process.memoryUsage.rss();
  }
}

module.exports = { liveBytesEnvironment, nativeBytes };
