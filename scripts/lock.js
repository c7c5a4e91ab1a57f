'use strict';

// Brings the lock files up to date with the package.json beside them; run it after `npm install PACKAGE`.
//
//   npm run lock                      all of them
//   npm run lock -- examples          that of one folder
//   npm run lock -- --update bench    to the newest versions that package.json allows
//
// npm alone leaves out platform packages that the registry at hand does not carry, and `npm ci` then refuses the lock
// file on every machine. It also names that registry, and copies the manifest of what a link leads to.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const FOLDERS = ['.', '__test__/queues/packages', '__test__/matrix/tools', 'bench', 'examples'];

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
      const words = name.replace('windows', 'win32').split(/[/._-]/);
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
 * @param {string} folder
 * @param {'install' | 'update'} command
 */
function lock(folder, command) {
  const cwd = path.join(root, folder);
  const args = [
    command,
    '--package-lock-only',
    '--omit-lockfile-registry-resolved',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  execFileSync('npm', args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  const file = path.join(cwd, 'package-lock.json');
  const content = JSON.parse(fs.readFileSync(file, 'utf8'));
  // The clone that examples link to: npm installs it without the copy of its manifest.
  if (content.packages['..']) content.packages['..'] = {};
  for (const name of complete(content.packages)) console.log(`${folder}: added ${name}`);
  const byPlace = Object.entries(content.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  content.packages = Object.fromEntries(byPlace);
  fs.writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

if (require.main === module) {
  const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  const unknown = chosen.find((folder) => !FOLDERS.includes(folder));
  if (unknown) throw new Error(`${unknown} has no lock file. There are: ${FOLDERS.join(', ')}.`);
  const command = process.argv.includes('--update') ? 'update' : 'install';
  for (const folder of chosen.length > 0 ? chosen : FOLDERS) lock(folder, command);
}

module.exports = { complete };
