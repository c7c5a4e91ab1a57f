'use strict';

// Prints the newest glibc that an addon needs, by the versioned symbols it imports, and fails if that is newer than a
// ceiling: node scripts/release/glibc.js native.linux-x64-gnu.node [2.17]

const { execFileSync } = require('node:child_process');

/**
 * @param {string} symbols what `objdump -T` prints
 * @returns {string | undefined} such as `2.17`
 */
function newestGlibc(symbols) {
  const versions = [...symbols.matchAll(/\bGLIBC_(\d+(?:\.\d+)+)/g)].map((match) => match[1] ?? '');
  return versions.sort(compareVersions).at(-1);
}

/**
 * @param {string} a
 * @param {string} b
 */
function compareVersions(a, b) {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function main() {
  const [file, ceiling] = process.argv.slice(2);
  if (!file) throw new Error('Usage: node scripts/release/glibc.js FILE.node [CEILING]');
  const newest = newestGlibc(execFileSync('objdump', ['-T', file], { encoding: 'utf8', maxBuffer: 64 << 20 }));
  if (!newest) throw new Error(`${file} imports nothing from glibc.`);
  console.log(`${file} needs glibc ${newest}`);
  if (ceiling && compareVersions(newest, ceiling) > 0) throw new Error(`That is newer than ${ceiling}.`);
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

module.exports = { compareVersions, newestGlibc };
