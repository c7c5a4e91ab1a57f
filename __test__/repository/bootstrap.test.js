'use strict';

// scripts/bootstrap.js decides what a clone still needs. It runs here in a small stand-in for one, with a stand-in for
// npm that notes what it is asked to do.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { afterEach, beforeEach, test } = require('node:test');

const root = path.resolve(__dirname, '../..');

let clone = '';

/** @param {string} name @param {string} [text] */
function write(name, text = '') {
  const file = path.join(clone, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/** @param {string} name @param {number} seconds from now */
const touch = (name, seconds) => {
  const time = Date.now() / 1000 + seconds;
  fs.utimesSync(path.join(clone, name), time, time);
};

/** @param {Record<string, { version: string, optional?: boolean }>} packages */
const lock = (packages) =>
  JSON.stringify({
    packages: {
      '': {},
      ...Object.fromEntries(Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry])),
    },
  });

/** @param {NodeJS.ProcessEnv} [env] @param {string[]} [args] */
function bootstrap(env = {}, args = []) {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bootstrap.js', ...args], {
    cwd: clone,
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: path.join(clone, 'npm.js'), ...env },
  });
  const asked = fs.existsSync(path.join(clone, 'asked')) ? fs.readFileSync(path.join(clone, 'asked'), 'utf8') : '';
  return { status, stderr, asked: asked.trim().split('\n').filter(Boolean) };
}

beforeEach(() => {
  clone = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-clone-'));
  write('scripts/bootstrap.js', fs.readFileSync(path.join(root, 'scripts/bootstrap.js'), 'utf8'));
  write('Cargo.toml', 'rust-version = "1.88"\n');
  write('package-lock.json', lock({ tool: { version: '1.0.0' }, elsewhere: { version: '1.0.0', optional: true } }));
  write('node_modules/.package-lock.json', lock({ tool: { version: '1.0.0' } }));
  write('npm.js', `require('node:fs').appendFileSync('asked', process.argv.slice(2).join(' ') + '\\n');`);
});

afterEach(() => fs.rmSync(clone, { recursive: true, force: true }));

test('whether there is something to build, cargo decides', () => {
  assert.deepEqual(bootstrap(), { status: 0, stderr: '', asked: ['run build'] });
});

test('packages are installed when there are none, or not those of the lock file', () => {
  write('package-lock.json', lock({ tool: { version: '2.0.0' } }));
  assert.deepEqual(bootstrap().asked, ['ci', 'run build']);
  fs.rmSync(path.join(clone, 'asked'));
  fs.rmSync(path.join(clone, 'node_modules'), { recursive: true });
  assert.deepEqual(bootstrap().asked, ['ci', 'run build']);
});

test('packages of other folders are installed when they are asked for', () => {
  write('bench/package-lock.json', lock({ tool: { version: '1.0.0' } }));
  assert.deepEqual(bootstrap().asked, ['run build']);
  assert.equal(bootstrap({}, ['bench']).status, 0);
  assert.equal(fs.readFileSync(path.join(clone, 'bench', 'asked'), 'utf8'), 'ci --ignore-scripts\n');
});

test('what is built can be chosen', () => {
  assert.deepEqual(bootstrap({}, ['--debug']).asked, ['run build:debug']);
  fs.rmSync(path.join(clone, 'asked'));
  assert.deepEqual(bootstrap({ PATH: path.dirname(process.execPath), CARGO_HOME: clone }, ['--js']), {
    status: 0,
    stderr: '',
    asked: ['run build:js'],
  });
  const { status, stderr } = bootstrap({}, ['--fast']);
  assert.equal(status, 1);
  assert.match(stderr, /Unknown option --fast/);
});

test('--any takes an addon that is newer than its sources, and needs no cargo for that', () => {
  for (const name of ['src/api/client.rs', '.cargo/config.toml', 'build.rs', 'Cargo.lock']) write(name);
  const without = { PATH: path.dirname(process.execPath), CARGO_HOME: clone };
  assert.equal(bootstrap(without, ['--any']).status, 1);
  assert.deepEqual(bootstrap({}, ['--any']).asked, ['run build:debug']);
  fs.rmSync(path.join(clone, 'asked'));

  write('dist/native.linux-x64-gnu.node');
  touch('dist/native.linux-x64-gnu.node', 60);
  assert.deepEqual(bootstrap(without, ['--any']).asked, ['run build:js']);
  fs.rmSync(path.join(clone, 'asked'));

  touch('src/api/client.rs', 120);
  assert.deepEqual(bootstrap({}, ['--any']).asked, ['run build:debug']);
});

test('without cargo it says what to install', () => {
  const { status, stderr, asked } = bootstrap({ PATH: path.dirname(process.execPath), CARGO_HOME: clone });
  assert.equal(status, 1);
  assert.match(stderr, /cargo was not found/);
  assert.match(stderr, /Rust 1\.88 or newer from https:\/\/rustup\.rs/);
  assert.deepEqual(asked, []);
});
