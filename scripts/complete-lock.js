'use strict';

// npm leaves platform packages out of package-lock.json that the registry at hand does not carry, and `npm ci` then
// refuses the lock file on every machine. This writes down what is missing: run it after `npm install`.
//
//   node scripts/complete-lock.js [--check] package-lock.json…

const fs = require('node:fs');

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 * @property {Record<string, string>} [optionalDependencies]
 */

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPUS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/**
 * Adds the optional packages that are needed somewhere but listed nowhere.
 *
 * @param {Record<string, LockEntry>} packages changed in place
 * @returns {string[]} what was added
 */
function complete(packages) {
  const added = [];
  for (const [place, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      if (isListed(packages, place, name)) continue;
      const words = name.split(/[/._-]/);
      const os = SYSTEMS.filter((system) => words.includes(system));
      const cpu = CPUS.filter((architecture) => words.includes(architecture));
      if (os.length + cpu.length === 0) throw new Error(`${place} needs ${name}, which no platform explains.`);
      packages[`node_modules/${name}`] = {
        version: range.replace(/^[~^]/, ''),
        ...(cpu.length > 0 && { cpu }),
        ...(dev && { dev }),
        ...(words.includes('musl') && { libc: ['musl'] }),
        optional: true,
        ...(os.length > 0 && { os }),
      };
      added.push(name);
    }
  }
  return added;
}

/**
 * Whether a package finds another one, from its own folder upwards.
 *
 * @param {Record<string, LockEntry>} packages
 * @param {string} place
 * @param {string} name
 */
function isListed(packages, place, name) {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${folder && `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
    // A package that lies in the project itself has no folder above but the project's.
    if (!folder.includes('node_modules/')) return packages[`node_modules/${name}`] !== undefined;
  }
}

/**
 * @param {string} file
 * @param {boolean} write
 */
function completeFile(file, write) {
  const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
  const added = complete(lock.packages);
  if (added.length === 0 || !write) return added;
  const byPlace = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(byPlace);
  fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  return added;
}

if (require.main === module) {
  const [check, files] = [process.argv.includes('--check'), process.argv.slice(2).filter((arg) => arg !== '--check')];
  for (const file of files.length > 0 ? files : ['package-lock.json']) {
    const added = completeFile(file, !check);
    if (added.length > 0) console.log(`${file}: ${check ? 'lacks' : 'added'} ${added.join(', ')}`);
    if (added.length > 0 && check) process.exitCode = 1;
  }
}

module.exports = { complete, completeFile };
