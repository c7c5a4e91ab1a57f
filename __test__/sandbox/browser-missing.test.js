'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');

test('the browser tests say how to install a browser that is missing', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test-browser.js'], {
    cwd: path.resolve(__dirname, '../..'),
    env: { ...process.env, REFPORT_CHROMIUM: path.join(__dirname, 'no-browser') },
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^No Chromium was found at .*no-browser\. Install it.*\n\n {2}apt-get update && apt-get install -y chromium\n/,
  );
});
