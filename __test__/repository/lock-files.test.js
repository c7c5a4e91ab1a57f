'use strict';

// The lock files have to install anywhere: on every platform, from whatever registry is configured there.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { complete } = require('../../scripts/lock.js');

const root = path.resolve(__dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '--', '*package-lock.json', '*Cargo.lock'], {
  cwd: root,
  encoding: 'utf8',
});
const files = tracked.trim().split('\n');

test('the examples share one', () => {
  const inExamples = files.filter((file) => file.startsWith('examples/'));
  assert.deepEqual(inExamples, ['examples/package-lock.json']);
});

test('both lock files of the package are in the repository', () => {
  assert.ok(files.includes('package-lock.json'));
  assert.ok(files.includes('Cargo.lock'));
});

for (const file of files.filter((name) => name.endsWith('package-lock.json'))) {
  describe(file, () => {
    const lock = JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));

    test('names no registry', () => {
      const { packages } = lock;
      const named = Object.keys(packages).filter((place) => /^https?:/.test(packages[place].resolved ?? ''));
      assert.deepEqual(named, []);
    });

    test('lists the optional packages of every platform, or npm ci would refuse it', () => {
      assert.deepEqual(complete(structuredClone(lock.packages)), [], 'run npm run lock');
    });

    test('holds no copy of the manifest of the clone that it links to', () => {
      assert.deepEqual(lock.packages['..'] ?? {}, {}, 'run npm run lock');
    });
  });
}

test('what is missing is added for the platforms that its name tells', () => {
  /** @type {Parameters<typeof complete>[0]} */
  const packages = {
    '': {},
    'node_modules/tool': { dev: true, optionalDependencies: { '@tool/linux-x64-musl': '^1.2.3', present: '1.0.0' } },
    'node_modules/tool/node_modules/present': {},
  };
  assert.deepEqual(complete(packages), ['@tool/linux-x64-musl']);
  assert.deepEqual(packages['node_modules/@tool/linux-x64-musl'], {
    version: '1.2.3',
    cpu: ['x64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  });
  const unclear = { 'node_modules/tool': { optionalDependencies: { fast: '1.0.0' } } };
  assert.throws(() => complete(unclear), /needs fast, which no platform explains/);
});
