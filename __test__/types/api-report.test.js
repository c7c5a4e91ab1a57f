'use strict';

// The public types are written down once more without their comments, so that a change of them shows in a pull request.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { test } = require('node:test');
const { apiReport, REPORT } = require('../../scripts/api-report.js');

test('the report of the public types is that of the declarations', () => {
  const [now, then] = [apiReport(), fs.readFileSync(REPORT, 'utf8')].map((text) => text.split('\n'));
  assert.deepEqual(now, then, 'the public types have changed: run "node scripts/api-report.js --write"');
});
