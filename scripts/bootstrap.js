'use strict';

// Makes a fresh clone usable: installs the development packages if they are missing or differ from the lock file, and builds
// dist/. Plain Node, since nothing is installed yet when it runs.
//
//   node scripts/bootstrap.js          builds the addon as it is published; cargo decides whether there is anything to do
//   node scripts/bootstrap.js --debug  builds it without optimisation, in a fifth of the time
//   node scripts/bootstrap.js --any    takes the addon that is there, unless a source is newer; else as --debug
//   node scripts/bootstrap.js --js     builds no addon
//   node scripts/bootstrap.js bench    also installs the packages of that folder

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

/** Files and folders that the addon is built from. */
const SOURCES = ['src', '.cargo', 'build.rs', 'Cargo.toml', 'Cargo.lock'];

/** Whether dist/ has an addon that is newer than its sources. */
function addonIsCurrent() {
  const dist = path.join(root, 'dist');
  if (!fs.existsSync(dist)) return false;
  const addons = fs.readdirSync(dist).filter((name) => name.endsWith('.node'));
  if (addons.length === 0) return false;
  const builtAt = Math.min(...addons.map((name) => fs.statSync(path.join(dist, name)).mtimeMs));
  return SOURCES.every((source) => changedAt(path.join(root, source)) < builtAt);
}

/**
 * @param {string} place a file or a folder
 * @returns {number} when it, or something in it, was last changed
 */
function changedAt(place) {
  const { mtimeMs } = fs.statSync(place);
  if (!fs.statSync(place).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...fs.readdirSync(place).map((name) => changedAt(path.join(place, name))));
}

/** @param {string[]} args */
function bootstrap(args) {
  const folders = args.filter((arg) => !arg.startsWith('--'));
  const [mode = '--release'] = args.filter((arg) => arg.startsWith('--'));
  const script = scriptFor(mode);
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new Error(`Node.js 20 or newer is needed; this is ${process.version}.`);
  }
  if (!packagesAreCurrent(root)) npm(root, ['ci']);
  for (const folder of folders.map((name) => path.join(root, name))) {
    // Nothing is compiled for the checks of types: the benchmark of the outbox asks for that itself.
    if (!packagesAreCurrent(folder)) npm(folder, ['ci', '--ignore-scripts']);
  }
  npm(root, ['run', script], script === 'build:js' ? process.env : findCargo());
}

/**
 * @param {string} mode
 * @returns {string} the script of package.json that builds what is wanted
 */
function scriptFor(mode) {
  switch (mode) {
    case '--release':
      return 'build';
    case '--debug':
      return 'build:debug';
    case '--any':
      return addonIsCurrent() ? 'build:js' : 'build:debug';
    case '--js':
      return 'build:js';
    default:
      throw new Error(`Unknown option ${mode}.`);
  }
}

try {
  bootstrap(process.argv.slice(2));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
