'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * The file of the addon, looked at before it is loaded: half a shared library ends the process of whoever loads it on
 * Linux, where nothing catches that.
 * @module
 */

/** Not known in a bundle of ES modules: what that contains is the bundler's affair. */
const ROOT = typeof __dirname === 'string' ? __dirname : undefined;

/**
 * Files that native.js would load, as far as they exist.
 * @param {string[]} names of platforms (platform.js)
 * @returns {string[]}
 */
function addonFiles(names) {
  const forced = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  if (forced) return fs.existsSync(forced) ? [forced] : [];
  if (ROOT === undefined) return [];
  return names.flatMap((name) => {
    const built = path.join(ROOT, `native.${name}.node`);
    return fs.existsSync(built) ? [built] : (installed(name) ?? []);
  });
}

/** @param {string} name of a platform */
function installed(name) {
  try {
    return require.resolve(`@refport/native-${name}`);
  } catch {
    return undefined;
  }
}

/** Names of the packages with addons beside this one, for whatever platform. */
function installedPackages() {
  if (ROOT === undefined) return [];
  try {
    return fs
      .readdirSync(path.join(ROOT, '../../@refport'))
      .filter((name) => name.startsWith('native-'))
      .map((name) => `@refport/${name}`);
  } catch {
    return [];
  }
}

/** @throws what is wrong with a file that must not be loaded */
function refuseIncomplete() {
  if (process.platform !== 'linux') return;
  const { arch } = process;
  const libcs = arch === 'arm' ? ['gnueabihf', 'musleabihf'] : ['gnu', 'musl'];
  const names = libcs.map((libc) => `linux-${arch}-${libc}`);
  for (const file of addonFiles(names)) {
    if (isIncomplete(file)) throw new Error(`${file} is incomplete: it was cut short when it was copied or downloaded`);
  }
}

/**
 * The table of sections is the last thing in an ELF file, and its header says where that is.
 * @param {string} file
 */
function isIncomplete(file) {
  const header = Buffer.alloc(64);
  const descriptor = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(descriptor);
    if (fs.readSync(descriptor, header) < header.length) return true;
    // What is no ELF file is refused by the loader.
    if (header.toString('latin1', 0, 4) !== '\x7fELF') return false;
    const is64 = header[4] === 2;
    const start = is64 ? Number(header.readBigUInt64LE(0x28)) : header.readUInt32LE(0x20);
    const length = is64
      ? header.readUInt16LE(0x3a) * header.readUInt16LE(0x3c)
      : header.readUInt16LE(0x2e) * header.readUInt16LE(0x30);
    return start + length > size;
  } finally {
    fs.closeSync(descriptor);
  }
}

module.exports = { addonFiles, installedPackages, refuseIncomplete };
