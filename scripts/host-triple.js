'use strict';

/**
 * `process.report` as far as it is used; @types/node 20 lacks the first.
 * @typedef {{ excludeNetwork: boolean, getReport(): { header: { glibcVersionRuntime?: string } } }} ProcessReport
 */

/**
 * Name of this platform in the addon's file and package names, as the napi CLI writes it: `linux-x64-gnu`,
 * `darwin-arm64`, `win32-x64-msvc`.
 */
function hostTriple() {
  const { platform, arch } = process;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  if (platform !== 'linux') return `${platform}-${arch}`;
  const report = /** @type {ProcessReport} */ (/** @type {unknown} */ (process.report));
  // Enumerating network interfaces is the slow part of a report.
  report.excludeNetwork = true;
  const libc = report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl';
  return `linux-${arch}-${libc}${arch === 'arm' ? 'eabihf' : ''}`;
}

module.exports = { hostTriple };
