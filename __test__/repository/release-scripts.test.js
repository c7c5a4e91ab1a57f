'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { releaseOf } = require('../../scripts/release/check.js');

const root = path.resolve(__dirname, '../..');
const manifest = require('../../package.json');

const state = {
  tag: 'v1.2.3',
  npm: '1.2.3',
  changelog: '# Changelog\n\n## [1.2.3] - today\n\n- New.\n',
};

test('a tag with the version that package.json and the changelog have is a release', () => {
  assert.deepEqual(releaseOf(state), { version: '1.2.3', tag: 'latest' });
});

test('a pre-release goes to the next tag', () => {
  const version = '2.0.0-beta.1';
  const changelog = `## [${version}] - today\n\n- New.\n`;
  assert.deepEqual(releaseOf({ tag: `v${version}`, npm: version, changelog }), { version, tag: 'next' });
});

test('every other tag is refused', () => {
  for (const tag of ['1.2.3', 'v1.2', 'v1.2.3 ', 'nightly', '']) {
    assert.throws(() => releaseOf({ ...state, tag }), /is no version/, tag);
  }
});

test('a release that does not match is refused, saying what does not', () => {
  assert.throws(() => releaseOf({ ...state, npm: '1.2.2' }), /package\.json says 1\.2\.2/);
  assert.throws(() => releaseOf({ ...state, changelog: '## [1.2.30]\n\n- New.\n' }), /no section "## \[1\.2\.3\]"/);
  assert.throws(() => releaseOf({ ...state, changelog: '## [1.2.3]\n\n## [1.2.2]\n\n- Old.\n' }), /says nothing/);
});

test('this version could be released', () => {
  const script = path.join(root, 'scripts', 'release', 'check.js');
  const output = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'refport-check-')), 'output');
  const env = { ...process.env, GITHUB_OUTPUT: output };
  const printed = execFileSync(process.execPath, [script, `v${manifest.version}`], { env, encoding: 'utf8' });
  assert.equal(printed, `version=${manifest.version}\ntag=latest\n`);
  assert.equal(fs.readFileSync(output, 'utf8'), printed);
  fs.rmSync(path.dirname(output), { recursive: true });
});
