'use strict';

// scripts/servers.js installs what is missing, or says what to install. It runs here with stand-ins for apt-get and sudo that
// note what they are asked to do.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { afterEach, beforeEach, test } = require('node:test');

const root = path.resolve(__dirname, '../..');

let folder = '';

/** @param {string} name @param {string} script */
const command = (name, script) => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};

/** @param {string} program @param {NodeJS.ProcessEnv} [env] */
function run(program, env = {}) {
  const script = `const { ensureServers } = require('./scripts/servers.js'); ${program}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--eval', script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: folder, ...env },
  });
  const notes = path.join(folder, 'asked');
  const asked = fs.existsSync(notes) ? fs.readFileSync(notes, 'utf8').trim().split('\n') : [];
  return { status, stdout, stderr, asked };
}

const AS_USER = 'process.getuid = () => 1000;';
const AS_ROOT = 'process.getuid = () => 0;';

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-servers-'));
  fs.symlinkSync('/usr/bin/env', path.join(folder, 'env'));
  command('apt-get', `[ "$1" = --version ] || echo "$*" >> ${folder}/asked`);
  command('sudo', '[ "$1" = --non-interactive ] && shift; exec "$@"');
  command('true', 'exit 0');
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const INSTALLED = ['update -qq', 'install -qq -y --no-install-recommends redis-server'];

test('root installs what is missing, and prints nothing on standard output', () => {
  const { status, stdout, asked } = run(`${AS_ROOT} ensureServers('redis-server')`);
  assert.equal(status, 0);
  assert.equal(stdout, '');
  assert.deepEqual(asked, INSTALLED);
});

test('other users install by sudo, if it asks for no password', () => {
  assert.deepEqual(run(`${AS_USER} ensureServers('redis-server')`).asked, INSTALLED);
});

test('what is there is not installed', () => {
  command('redis-server', 'exit 0');
  const { status, asked } = run(`${AS_ROOT} ensureServers('redis-server')`);
  assert.equal(status, 0);
  assert.deepEqual(asked, []);
});

test('packages without a check of their own are looked up with dpkg', () => {
  command('dpkg', 'echo "Status: install ok installed"');
  assert.deepEqual(run(`${AS_ROOT} ensureServers('qemu-user')`).asked, []);
  command('dpkg', 'exit 1');
  assert.equal(run(`${AS_ROOT} ensureServers('qemu-user')`).asked.length, 2);
});

test('whoever may not install is told what to install', () => {
  command('sudo', 'exit 1');
  const { status, stderr, asked } = run(`${AS_USER} ensureServers('redis-server')`);
  assert.equal(status, 1);
  assert.deepEqual(asked, []);
  assert.match(stderr, /needed and were not found: redis-server\./);
  assert.match(stderr, /sudo apt-get install -y redis-server\n/);
  assert.match(stderr, /brew install redis\n/);
});

test('an installation that fails is no success', () => {
  command('apt-get', '[ "$1" = install ] && exit 100; exit 0');
  assert.match(run(`${AS_ROOT} ensureServers('redis-server')`).stderr, /apt-get could not install redis-server/);
});

test('the browser tests name the browser that REFPORT_CHROMIUM leads to if it is missing', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/test-folder.js', 'browser'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, REFPORT_CHROMIUM: path.join(folder, 'no-browser') },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^REFPORT_CHROMIUM leads to no file: .*no-browser\n/);
});
