'use strict';

// scripts/bootstrap.js decides what a clone still needs. It runs here in a small stand-in for one, with a stand-in for
// npm that notes what it is asked to do.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { afterEach, beforeEach, test } = require('node:test');
const { platformName } = require('../../lib/engine/platform.js');

const root = path.resolve(__dirname, '../..');
const addon = `native.${platformName()}.node`;

let clone = '';

/** @param {string} name @param {string} [text] */
function write(name, text = '') {
  const file = path.join(clone, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/** Moves a file's time, in seconds from now. */
function touch(/** @type {string} */ name, /** @type {number} */ seconds) {
  const time = new Date(Date.now() + seconds * 1000);
  fs.utimesSync(path.join(clone, name), time, time);
}

/** @param {Record<string, { version: string, optional?: boolean }>} packages */
const lock = (packages) =>
  JSON.stringify({
    packages: {
      '': {},
      ...Object.fromEntries(Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry])),
    },
  });

/** @param {NodeJS.ProcessEnv} [env] */
function bootstrap(env = {}) {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bootstrap.js'], {
    cwd: clone,
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: path.join(clone, 'npm.js'), ...env },
  });
  const asked = fs.existsSync(path.join(clone, 'asked')) ? fs.readFileSync(path.join(clone, 'asked'), 'utf8') : '';
  return { status, stderr, asked: asked.trim().split('\n').filter(Boolean) };
}

beforeEach(() => {
  clone = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-clone-'));
  for (const script of ['scripts/bootstrap.js', 'lib/engine/platform.js']) {
    write(script, fs.readFileSync(path.join(root, script), 'utf8'));
  }
  for (const source of ['Cargo.lock', 'build.rs', 'src/lib.rs', 'src/deep/er.rs']) write(source);
  write('Cargo.toml', 'rust-version = "1.88"\n');
  write('package-lock.json', lock({ tool: { version: '1.0.0' }, elsewhere: { version: '1.0.0', optional: true } }));
  write('node_modules/.package-lock.json', lock({ tool: { version: '1.0.0' } }));
  // Does what npm would, as far as the script looks at it.
  write(
    'npm.js',
    `const fs = require('node:fs');
    fs.appendFileSync('asked', process.argv.slice(2).join(' ') + '\\n');
    if (process.argv[2] === 'run') for (const made of ['native.js', '${addon}']) fs.writeFileSync(made, '');`,
  );
  for (const made of ['native.js', addon]) write(made);
  touch(addon, 60);
});

afterEach(() => fs.rmSync(clone, { recursive: true, force: true }));

test('a clone that has everything needs nothing', () => {
  assert.deepEqual(bootstrap(), { status: 0, stderr: '', asked: [] });
});

test('packages are installed when there are none, or not those of the lock file', () => {
  write('package-lock.json', lock({ tool: { version: '2.0.0' } }));
  assert.deepEqual(bootstrap().asked, ['ci']);
  fs.rmSync(path.join(clone, 'asked'));
  fs.rmSync(path.join(clone, 'node_modules'), { recursive: true });
  assert.deepEqual(bootstrap().asked, ['ci']);
});

test('the addon is built when it, or its loader, is missing', () => {
  for (const missing of [addon, 'native.js']) {
    fs.rmSync(path.join(clone, missing));
    assert.deepEqual(bootstrap().asked, ['run build']);
    fs.rmSync(path.join(clone, 'asked'));
    assert.deepEqual(bootstrap().asked, []);
  }
});

test('the addon is built when anything that it is made of is newer', () => {
  for (const source of ['Cargo.toml', 'Cargo.lock', 'build.rs', 'src/lib.rs', 'src/deep/er.rs']) {
    touch(addon, -60);
    for (const other of ['Cargo.toml', 'Cargo.lock', 'build.rs', 'src/lib.rs', 'src/deep/er.rs']) touch(other, -120);
    assert.deepEqual(bootstrap().asked, [], source);
    touch(source, -30);
    assert.deepEqual(bootstrap().asked, ['run build'], source);
    fs.rmSync(path.join(clone, 'asked'));
  }
});

test('without cargo it says what to install', () => {
  fs.rmSync(path.join(clone, addon));
  const { status, stderr, asked } = bootstrap({ PATH: path.dirname(process.execPath), CARGO_HOME: clone });
  assert.equal(status, 1);
  assert.match(stderr, /cargo was not found/);
  assert.match(stderr, /Rust 1\.88 or newer from https:\/\/rustup\.rs/);
  assert.deepEqual(asked, []);
});
