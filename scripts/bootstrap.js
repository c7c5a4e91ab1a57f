'use strict';

// Makes a fresh clone usable: installs the development packages when they are missing or not those of the lock file, and
// has cargo build the release addon, which takes a moment when nothing has changed. Plain Node, since nothing is installed
// yet when it runs. Arguments are folders whose packages are wanted as well: node scripts/bootstrap.js bench

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');

/**
 * Whether node_modules holds what package-lock.json asks for; by content, since a checkout changes times.
 *
 * @param {string} folder
 */
function packagesAreCurrent(folder) {
  const wanted = readLock(path.join(folder, 'package-lock.json'));
  const installed = readLock(path.join(folder, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([place, { version, optional, devOptional }]) => {
    // The project itself, and packages that live in it.
    if (!place.includes('node_modules/')) return true;
    const found = installed[place];
    // Optional packages of other platforms are left out by npm.
    return found ? found.version === version : Boolean(optional || devOptional);
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> | undefined}
 */
function readLock(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** rustup's own folder counts even when the shell does not know it yet, as right after an installation. */
function findCargo() {
  const home = process.env.CARGO_HOME ?? path.join(require('node:os').homedir(), '.cargo');
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}${path.delimiter}${path.join(home, 'bin')}` };
  const found = spawnSync('cargo', ['--version'], { env, stdio: 'ignore' });
  if (!found.error && found.status === 0) return env;
  const version = /^rust-version = "(.+)"/m.exec(fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))?.[1];
  throw new Error(
    'cargo was not found, and the native addon has to be built from source here. Install Rust ' +
      `${version} or newer from https://rustup.rs (and a C compiler, such as Debian's gcc), open a new shell ` +
      'and run this command again.',
  );
}

/**
 * @param {string} cwd
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function npm(cwd, args, env = process.env) {
  console.log(`> npm ${args.join(' ')}`);
  const cli = process.env.npm_execpath;
  const { status, error } = cli?.endsWith('.js')
    ? spawnSync(process.execPath, [cli, ...args], { cwd, env, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd, env, stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) throw error;
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed; its output is above.`);
}

/** @param {string[]} folders */
function bootstrap(folders) {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new Error(`Node.js 20 or newer is needed; this is ${process.version}.`);
  }
  if (!packagesAreCurrent(root)) npm(root, ['ci']);
  for (const folder of folders.map((name) => path.join(root, name))) {
    // Nothing is compiled for the checks of types: the benchmark of the outbox asks for that itself.
    if (!packagesAreCurrent(folder)) npm(folder, ['ci', '--ignore-scripts']);
  }
  npm(root, ['run', 'build'], findCargo());
}

try {
  bootstrap(process.argv.slice(2));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
