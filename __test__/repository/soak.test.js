'use strict';

// The soak must not fail by noise, and must not miss a leak: it runs here in small, with and without one buffer that stays with
// each call.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');

const script = path.resolve(__dirname, '../../scripts/long-run.js');

/** @param {number} leak bytes a call */
function soak(leak) {
  // Fewer calls, so more noise in the growth per call.
  const plan = { calls: 8_000, mostCalls: 24_000, limit: 96, idle: 0, leak };
  const args = Object.entries(plan).map(([name, value]) => `--${name}=${value}`);
  return spawnSync(process.execPath, [script, 'soak', ...args], { encoding: 'utf8' });
}

test('a soak without a leak passes', () => {
  const { status, stdout } = soak(0);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /soak passed in \d+ s/);
});

test('a soak notices one buffer of 512 bytes that stays with each call', () => {
  const { status, stdout } = soak(512);
  assert.equal(status, 1, stdout);
  const [, grown] = /PROBLEM: native memory grows by ([\d.]+) bytes a call/.exec(stdout) ?? [];
  assert.ok(Number(grown) > 512 && Number(grown) < 1024, stdout);
});
