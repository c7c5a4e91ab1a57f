'use strict';

// What the benchmark says without a run to report on, and when it calls a ratio worse.

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { checkGoals } = require('../../bench/goals.js');
const { compareRatios } = require('../../bench/ratios.js');

const root = path.resolve(__dirname, '../..');

test('--goals and --report without an earlier run say what to do', () => {
  for (const option of ['--goals', '--report']) {
    const { status, stderr } = spawnSync(process.execPath, ['bench/run.js', option, '--results', 'no-such-file.json'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /^There is no full run yet to take the figures from\. Run "npm run bench" first: .+\n$/);
  }
});

test('a ratio is worse when it is half as much again as before, in the direction that counts', () => {
  const before = {
    'CPU, of fetch': { value: 0.02, atLeast: false },
    'calls/s, of fetch': { value: 10, atLeast: true },
  };
  const measured = (/** @type {number} */ cpu, /** @type {number} */ calls) => ({
    'CPU, of fetch': { value: cpu, atLeast: false },
    'calls/s, of fetch': { value: calls, atLeast: true },
  });
  assert.deepEqual(compareRatios(before, measured(0.029, 7)), []);
  assert.deepEqual(compareRatios(before, measured(0.001, 100)), []);
  assert.deepEqual(compareRatios(before, measured(0.031, 6.6)), [
    'CPU, of fetch: 0.031, was 0.020',
    'calls/s, of fetch: 6.600, was 10.000',
  ]);
  assert.deepEqual(compareRatios(before, {}), [
    'CPU, of fetch: not measured any more',
    'calls/s, of fetch: not measured any more',
  ]);
});

test('a run of the cold start alone decides its goals, and no others', () => {
  const clients = (/** @type {number} */ own, /** @type {number} */ peer) => ({
    refport: { requireMs: 1.4, aboveBareMs: own },
    http: { aboveBareMs: peer },
    fetch: { aboveBareMs: 100 },
  });
  const goals = checkGoals({ 'cold-plain': clients(8, 10), 'cold-tls': clients(8, 40) });
  assert.deepEqual(
    goals.map(({ figure, goal, text, met }) => [figure, goal, text, met]),
    [
      ['`require`', '≤ 1.5 ms', '1.4 ms', true],
      ['first plain call above bare node', '≤ 0.75× node:http', '0.80×', false],
      ['first TLS call above bare node', '≤ 0.2× node:https', '0.20×', true],
      ['first TLS call above bare node', '≤ 8 ms', '8 ms', true],
      ['first TLS call above bare node', '≤ 1/6 of fetch', '1/12.5', true],
    ],
  );
});
