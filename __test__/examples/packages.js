'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { platformName } = require('../../scripts/addon.js');
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
  const modules = path.join(folder, 'modules', 'node_modules');
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
  fs.copyFileSync(path.join(root, 'dist', addon), path.join(platform, addon));
  const { version } = JSON.parse(fs.readFileSync(path.join(main, 'package.json'), 'utf8'));
  const manifest = { name: `@refport/native-${platformName()}`, version, main: addon, files: [addon] };
  fs.writeFileSync(path.join(platform, 'package.json'), JSON.stringify(manifest, null, 2));
  return { folder, modules };
}

/**
 * Copies the workspace and installs the dependencies of one example in it, and of no other: what it forgot to ask for is
 * missing.
 *
 * @param {string} name folder in examples/
 * @param {Packages} packages
 * @param {{ link?: boolean }} [options] `link` makes refport the link to this clone that readers have, instead of the
 *   packed packages
 * @returns {Promise<string>} the example's copy
 */
async function install(name, { folder, modules }, { link = false } = {}) {
  const workspace = path.join(folder, link ? 'linked' : 'packed', name);
  const copy = path.join(workspace, name);
  // Two checks may share an example, such as two ways to build it.
  if (fs.existsSync(workspace)) return copy;
  const installed = await copyWorkspace(workspace, [`--workspace=${name}`]);
  if (link) fs.symlinkSync(root, installed, 'junction');
  else fs.cpSync(modules, path.dirname(installed), { recursive: true });
  return copy;
}

/**
 * Copies the workspace and installs the dependencies of all its examples.
 *
 * @param {Packages} packages
 * @returns {Promise<string>} the copy
 */
async function installAll({ folder, modules }) {
  const workspace = path.join(folder, 'all');
  const installed = await copyWorkspace(workspace, []);
  fs.cpSync(modules, path.dirname(installed), { recursive: true });
  return workspace;
}

/**
 * @param {string} workspace where to
 * @param {string[]} args of `npm ci`
 * @returns {Promise<string>} where `refport` belongs, which is not there yet
 */
async function copyWorkspace(workspace, args) {
  fs.cpSync(path.join(root, 'examples'), workspace, {
    recursive: true,
    filter: (file) => !OUTPUTS.has(path.basename(file)),
  });
  // In the whole environment: a registry, a cache or a proxy may be set there.
  await run('npm', ['ci', ...args, '--prefer-offline', '--no-audit', '--no-fund'], workspace, process.env);
  const installed = path.join(workspace, 'node_modules', 'refport');
  fs.rmSync(installed, { recursive: true, force: true });
  return installed;
}

/** What installing, building and running leave behind. */
const OUTPUTS = new Set(['node_modules', '.astro', '.next', '.nitro', '.output', '.svelte-kit', 'build', 'dist']);

module.exports = { install, installAll, packPackages };
