'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { platformName } = require('../../lib/engine/platform.js');
const { run } = require('./processes.js');

/**
 * Puts an example with everything it needs into a folder of its own.
 * @module
 */

const root = path.resolve(__dirname, '../..');

/**
 * Where the packages under test lie.
 * @typedef {object} Packages
 * @property {string} folder to put examples in
 * @property {string} modules holds `refport` and the platform package as a package manager would lay them out
 */

/**
 * Packs what is published, so that examples meet what their readers get from a registry.
 * @param {string} folder
 * @returns {Packages}
 */
function packPackages(folder) {
  const modules = path.join(folder, 'packed', 'node_modules');
  const main = path.join(modules, 'refport');
  fs.mkdirSync(main, { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  // A clone's own addon is packed with it; what is published has it in a package of its own.
  const tarball = path.join(folder, filename);
  execFileSync('tar', ['-xzf', tarball, '-C', main, '--strip-components=1', '--exclude=*.node']);

  const addon = `native.${platformName()}.node`;
  const platform = path.join(modules, '@refport', `native-${platformName()}`);
  fs.mkdirSync(platform, { recursive: true });
  fs.copyFileSync(path.join(root, addon), path.join(platform, addon));
  const { version } = JSON.parse(fs.readFileSync(path.join(main, 'package.json'), 'utf8'));
  const manifest = { name: `@refport/native-${platformName()}`, version, main: addon, files: [addon] };
  fs.writeFileSync(path.join(platform, 'package.json'), JSON.stringify(manifest, null, 2));
  return { folder, modules };
}

/**
 * Copies an example and installs its dependencies from its lock file.
 *
 * @param {string} name folder in examples/
 * @param {Packages} packages
 * @param {{ link?: boolean }} [options] `link` leaves refport the link to this clone that npm makes of `file:../..`,
 *   instead of the packed packages
 * @returns {Promise<string>} the copy
 */
async function install(name, { folder, modules }, { link = false } = {}) {
  const source = path.join(root, 'examples', name);
  const copy = path.join(folder, link ? 'linked' : 'examples', name);
  // Two checks may share an example, such as two ways to build it.
  if (fs.existsSync(copy)) return copy;
  fs.cpSync(source, copy, {
    recursive: true,
    filter: (file) => !OUTPUTS.has(path.basename(file)),
  });
  checkLock(copy);
  // In the whole environment: a registry, a cache or a proxy may be set there.
  await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], copy, process.env);
  const installed = path.join(copy, 'node_modules', 'refport');
  fs.rmSync(installed, { recursive: true, force: true });
  if (link) fs.symlinkSync(root, installed, 'junction');
  else fs.cpSync(modules, path.join(copy, 'node_modules'), { recursive: true });
  return copy;
}

/** What installing, building and running leave behind. */
const OUTPUTS = new Set(['node_modules', '.next', '.nitro', '.output', 'dist']);

/**
 * @param {string} folder
 * @throws {Error} if the lock file names a registry, or holds what npm copies from this package's manifest and what
 *   changes with each of its development packages
 */
function checkLock(folder) {
  const { packages } = JSON.parse(fs.readFileSync(path.join(folder, 'package-lock.json'), 'utf8'));
  const named = Object.keys(packages).find((place) => /^https?:/.test(packages[place].resolved ?? ''));
  const name = path.basename(folder);
  const remedy = `Run "node scripts/examples/lock.js ${name}".`;
  if (named) throw new Error(`The lock file of ${name} names a registry for ${named}. ${remedy}`);
  if (Object.keys(packages['../..']).length > 0) {
    throw new Error(`The lock file of ${name} holds a copy of refport's manifest. ${remedy}`);
  }
}

module.exports = { install, packPackages };
