'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { platformName } = require('../../lib/engine/platform.js');
const { releaseOf } = require('../../scripts/release/check.js');
const { linkedCrates } = require('../../scripts/release/crates.js');
const { compareVersions, newestGlibc } = require('../../scripts/release/glibc.js');
const { notices } = require('../../scripts/release/notices.js');
const { billOfMaterials } = require('../../scripts/release/sbom.js');
const { syncVersion } = require('../../scripts/release/sync-version.js');

const root = path.resolve(__dirname, '../..');
const manifest = require('../../package.json');

const state = {
  subject: '1.2.3',
  npm: '1.2.3',
  cargo: '1.2.3',
  changelog: '# Changelog\n\n## [1.2.3] - today\n\n- New.\n',
};

test('a commit whose subject is a version that the changelog has is a release', () => {
  assert.deepEqual(releaseOf(state), { release: true, version: '1.2.3', tag: 'latest' });
  assert.deepEqual(releaseOf({ ...state, subject: 'v1.2.3\n' }), { release: true, version: '1.2.3', tag: 'latest' });
});

test('a pre-release goes to the next tag', () => {
  const version = '2.0.0-beta.1';
  const changelog = `## [${version}] - today\n\n- New.\n`;
  const beta = { subject: version, npm: version, cargo: version, changelog };
  assert.deepEqual(releaseOf(beta), { release: true, version, tag: 'next' });
});

test('every other commit is none', () => {
  for (const subject of ['Fix 1.2.3', '1.2.3 and more', 'Release 1.2.3', '1.2', '']) {
    assert.deepEqual(releaseOf({ ...state, subject }), { release: false }, subject);
  }
});

test('a release that does not match is refused, saying what does not', () => {
  assert.throws(() => releaseOf({ ...state, npm: '1.2.2' }), /package\.json says 1\.2\.2/);
  assert.throws(() => releaseOf({ ...state, cargo: '1.2.2' }), /Cargo\.toml says 1\.2\.2/);
  assert.throws(() => releaseOf({ ...state, changelog: '## [1.2.30]\n\n- New.\n' }), /no section "## \[1\.2\.3\]"/);
  assert.throws(() => releaseOf({ ...state, changelog: '## [1.2.3]\n\n## [1.2.2]\n\n- Old.\n' }), /says nothing/);
});

test('this version could be released', () => {
  const script = path.join(root, 'scripts', 'release', 'check.js');
  const output = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'refport-check-')), 'output');
  const env = { ...process.env, GITHUB_OUTPUT: output };
  const printed = execFileSync(process.execPath, [script, manifest.version], { env, encoding: 'utf8' });
  assert.equal(printed, `release=true\nversion=${manifest.version}\ntag=latest\n`);
  assert.equal(fs.readFileSync(output, 'utf8'), printed);
  fs.rmSync(path.dirname(output), { recursive: true });
});

test('a version is carried over to the crate', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-version-'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "version": "9.8.7" }');
  for (const file of ['Cargo.toml', 'Cargo.lock']) fs.copyFileSync(path.join(root, file), path.join(folder, file));
  assert.equal(syncVersion(folder), '9.8.7');
  for (const file of ['Cargo.toml', 'Cargo.lock']) {
    const changed = fs.readFileSync(path.join(folder, file), 'utf8').split('\n');
    const original = fs.readFileSync(path.join(root, file), 'utf8').split('\n');
    const differing = changed.filter((line, index) => line !== original[index]);
    assert.deepEqual(differing, ['version = "9.8.7"'], file);
  }
  fs.rmSync(folder, { recursive: true });
});

test('the newest glibc is found among symbol versions, by number', () => {
  const symbols = ['(GLIBC_2.2.5) malloc', '(GLIBC_2.17) clock_gettime', '(GLIBC_2.9) pipe2', '(GCC_3.3) _Unwind'];
  assert.equal(newestGlibc(symbols.join('\n')), '2.17');
  assert.equal(newestGlibc('nothing'), undefined);
  assert.ok(compareVersions('2.17', '2.2.5') > 0);
  assert.equal(compareVersions('2.17', '2.17'), 0);
});

test('an addon above the ceiling is refused', { skip: !platformName().endsWith('gnu') && 'needs glibc' }, () => {
  const script = path.join(root, 'scripts', 'release', 'glibc.js');
  const addon = path.join(root, `native.${platformName()}.node`);
  const fits = spawnSync(process.execPath, [script, addon, '99.0'], { encoding: 'utf8' });
  assert.match(fits.stdout, /needs glibc 2\.\d+/);
  assert.equal(fits.status, 0);
  const tooNew = spawnSync(process.execPath, [script, addon, '2.1'], { encoding: 'utf8' });
  assert.match(tooNew.stderr, /newer than 2\.1/);
  assert.equal(tooNew.status, 1);
});

test('the crates are those that are linked: no tests, no build scripts, no macros', () => {
  const names = linkedCrates(root).map(({ name }) => name);
  assert.equal(names[0], 'refport');
  for (const linked of ['reqwest', 'rustls', 'ring', 'tokio', 'napi', 'webpki-roots'])
    assert.ok(names.includes(linked));
  for (const other of ['proptest', 'napi-build', 'napi-derive', 'serde_derive', 'syn', 'cc', 'openssl', 'aws-lc-rs']) {
    assert.ok(!names.includes(other), other);
  }
});

test('the bill of materials is valid CycloneDX and complete', async () => {
  const { Spec, Validation } = require('@cyclonedx/cyclonedx-library');
  const crates = linkedCrates(root);
  const bom = billOfMaterials(manifest, crates, new Date('2026-01-01T00:00:00Z'));
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  assert.equal(await validator.validate(JSON.stringify(bom)), null);
  assert.equal(bom.components.length, crates.length - 1);
  const refs = new Set([bom.metadata.component['bom-ref'], ...bom.components.map((part) => part['bom-ref'])]);
  assert.equal(refs.size, crates.length);
  for (const { ref, dependsOn } of bom.dependencies) {
    for (const target of [ref, ...dependsOn]) assert.ok(refs.has(target), target);
  }
  for (const { name, hashes } of bom.components) assert.match(hashes?.[0].content ?? '', /^[0-9a-f]{64}$/, name);
});

test('the notices name every crate that is linked', () => {
  const crates = linkedCrates(root);
  const text = notices(crates);
  for (const { name, version, license } of crates.slice(1)) {
    assert.ok(text.includes(`${name} ${version} (${license})`), name);
  }
  assert.match(text, /Permission is hereby granted/);
});
