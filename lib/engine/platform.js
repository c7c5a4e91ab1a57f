'use strict';

/**
 * Which native package this machine needs, and what to tell somebody who does not have it.
 * @module
 */

/**
 * `process.report` as far as it is used; @types/node 20 lacks the first.
 * @typedef {{ excludeNetwork: boolean, getReport(): { header: { glibcVersionRuntime?: string } } }} ProcessReport
 */

/**
 * Name of this platform in names of addons and packages, as the napi CLI writes it: `linux-x64-gnu`, `darwin-arm64`,
 * `win32-x64-msvc`.
 */
function platformName() {
  const { platform, arch } = process;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  if (platform !== 'linux') return `${platform}-${arch}`;
  return `linux-${arch}-${glibcVersion() ? 'gnu' : 'musl'}${arch === 'arm' ? 'eabihf' : ''}`;
}

function glibcVersion() {
  const report = /** @type {ProcessReport} */ (/** @type {unknown} */ (process.report));
  // Enumerating network interfaces is the slow part of a report.
  report.excludeNetwork = true;
  try {
    return report.getReport().header.glibcVersionRuntime;
  } catch {
    // Deno gives none without --allow-sys.
    return 'of unknown version';
  }
}

/** The C library of a Linux system, such as `'glibc 2.36'`. */
function libc() {
  if (process.platform !== 'linux') return undefined;
  const version = glibcVersion();
  return version === undefined ? 'musl' : `glibc ${version}`;
}

/**
 * What was found instead of a native addon that can be loaded.
 * @param {unknown} cause what loading it threw
 */
function missingBinary(cause) {
  const name = platformName();
  const { addonFiles, installedPackages } = require('./addon-file.js');
  const [file] = addonFiles([name]);
  const forced = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  const others = installedPackages().join(', ');
  const found = file
    ? `${file} did not load: ${explained(firstLine(cause))}`
    : forced
      ? `NAPI_RS_NATIVE_LIBRARY_PATH is ${forced}, where there is no file`
      : `the package @refport/native-${name} is not installed${others && ` (but ${others})`}`;
  return `refport has no native binary for ${name}: ${found}`;
}

/** What to do about it. */
function waysOut() {
  const name = platformName();
  return (
    'To get it, install again on this platform, with optional dependencies (no --omit=optional, and neither ' +
    'node_modules nor a lock file taken from another platform); or run "npm run build" in a clone of the repository and ' +
    `set NAPI_RS_NATIVE_LIBRARY_PATH to its native.${name}.node.`
  );
}

/** With the reason for words of the loader that do not tell it. @param {string} words */
const explained = (words) =>
  words.includes('failed to map segment') ? `${words} (its drive is mounted with noexec, or memory is short)` : words;

/** The loader chains one error per file it tried; the platform package is the last that exists. */
function firstLine(/** @type {unknown} */ cause) {
  let last = cause;
  for (let next = cause; next instanceof Error; next = next.cause) {
    if (!/^Cannot find module/.test(next.message) && next !== cause) last = next;
  }
  return (last instanceof Error ? last.message : String(last)).split('\n', 1)[0] ?? '';
}

module.exports = { libc, missingBinary, platformName, waysOut };
