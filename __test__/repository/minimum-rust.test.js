'use strict';

// The oldest Rust that Cargo.toml declares is enough for every crate. CI compiles with it; here the crates' own words count.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');

test('no crate asks for a newer Rust than Cargo.toml declares', () => {
  const { packages } = JSON.parse(
    execFileSync('cargo', ['metadata', '--format-version', '1', '--locked'], {
      cwd: path.resolve(__dirname, '../..'),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const minor = (/** @type {string | null} */ version) => Number(/^1\.(\d+)/.exec(version ?? '1.0')?.[1]);
  const own = packages.find((/** @type {{ name: string }} */ { name }) => name === 'refport');
  assert.ok(minor(own.rust_version) > 0);
  const newer = packages.filter(
    (/** @type {{ rust_version: string | null }} */ { rust_version: version }) =>
      minor(version) > minor(own.rust_version),
  );
  assert.deepEqual(
    newer.map((/** @type {any} */ { name, rust_version: version }) => `${name} needs ${version}`),
    [],
  );
});
