'use strict';

// What goes to the registry: nothing missing, nothing superfluous, and no binary in the main package.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { promisify } = require('node:util');
const { contents, manifest, stagedRelease } = require('../support/staged-release.js');

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);
const KIB = 1024;

/** @type {ReturnType<typeof stagedRelease>} */
let release;

before(() => {
  release = stagedRelease();
});

after(() => release?.remove());

test('the main package holds the entries, the facade and the documents, and nothing else', () => {
  const files = contents(release.main);
  const expected = [
    /^(index|types\/(result|testing|webhooks|outbox|bullmq|pg-boss))\.d\.ts$/,
    /^dist\/(index|result|testing|webhooks|outbox|bullmq|pg-boss|cli|native|chunk-[\w-]+)\.cjs$/,
    /^dist\/edge\/(index|result|webhooks|chunk-[\w-]+)\.mjs$/,
    /^dist\/browser\/(index|result|webhooks|chunk-[\w-]+)\.cjs$/,
    /^dist\/dashboard\/[\w-]+\.(mjs|js|css|html|svg)$/,
    /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  ];
  const superfluous = files.filter(({ name }) => !expected.some((pattern) => pattern.test(name)));
  assert.deepEqual(superfluous, []);
});

test('the main package is small', () => {
  const files = contents(release.main);
  const sizeOf = (/** @type {typeof files} */ part) => part.reduce((sum, { size }) => sum + size, 0);
  const [edge, rest] = [true, false].map((isEdge) =>
    sizeOf(files.filter(({ name }) => /^dist.(edge|browser)/.test(name) === isEdge)),
  );
  assert.ok(rest < 700 * KIB, `${rest} bytes unpacked`);
  assert.ok(edge < 240 * KIB, `${edge} bytes for Workers and browsers`);
  assert.ok(fs.statSync(release.main).size < 200 * KIB);
});

test('every file that a file of the package requires is in the package', () => {
  const names = new Set(contents(release.main).map(({ name }) => name));
  const missing = [];
  for (const name of names) {
    if (!/\.[cm]?js$/.test(name) || name === 'dist/native.cjs') continue;
    const source = fs.readFileSync(path.join(root, name), 'utf8');
    for (const [, wanted = ''] of source.matchAll(/(?:require\(|from )["'](\.[^"']+)["']/g)) {
      const target = path.posix.join(path.posix.dirname(name), wanted);
      if (!names.has(target)) missing.push(`${name}: ${wanted}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('every entry of package.json is in the package', () => {
  const names = new Set(contents(release.main).map(({ name }) => name));
  const { exports, bin, main, types } = manifest(release.main);
  const entries = JSON.stringify([exports, bin, main, types]).match(/\.\/[\w./-]+\.\w+/g) ?? [];
  assert.ok(entries.length > 14);
  assert.deepEqual(
    entries.filter((entry) => !names.has(entry.slice(2))),
    [],
  );
});

test('the main package brings no dependencies but its own binaries, each at its own version', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, optionalDependencies, version, scripts } = manifest(
    release.main,
  );
  assert.equal(dependencies, undefined);
  // Those of the outboxes on queues, for whoever uses them.
  const queues = ['bullmq', 'ioredis', 'pg-boss'];
  assert.deepEqual(Object.keys(peerDependencies), queues);
  for (const name of queues) assert.deepEqual(peerDependenciesMeta[name], { optional: true });
  assert.deepEqual(
    Object.entries(optionalDependencies).sort(),
    [...release.platforms.keys()].map((name) => [`@refport/native-${name}`, version]).sort(),
  );
  assert.equal(release.platforms.size, 9);
  for (const hook of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[hook], undefined);
});

test('a platform package holds its addon and its licences, for its platform alone', () => {
  for (const [name, tarball] of release.platforms) {
    const [os, cpu, abi = ''] = name.split('-');
    const files = contents(tarball)
      .map((file) => file.name)
      .sort();
    assert.deepEqual(files, ['LICENSE', 'README.md', 'THIRD-PARTY-LICENSES', `native.${name}.node`, 'package.json']);
    const described = manifest(tarball);
    assert.deepEqual([described.os, described.cpu], [[os], [cpu]]);
    const libc = { gnu: ['glibc'], musl: ['musl'] }[abi];
    assert.deepEqual(described.libc, libc);
    assert.equal(described.version, manifest(release.main).version);
  }
});

test('publint finds nothing', async () => {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const tarball = fs.readFileSync(release.main);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('arethetypeswrong finds nothing', async () => {
  const cli = path.join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const { stdout } = await run(process.execPath, [cli, release.main, '--format', 'json']).catch((error) => error);
  const { analysis } = JSON.parse(stdout);
  assert.deepEqual(analysis.problems, []);
  assert.deepEqual(Object.keys(analysis.entrypoints).sort(), [
    '.',
    './outbox',
    './outbox/bullmq',
    './outbox/pg-boss',
    './package.json',
    './result',
    './testing',
    './webhooks',
  ]);
});
