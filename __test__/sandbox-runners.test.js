'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const root = path.join(__dirname, 'runners');

/**
 * @param {string} name
 * @param {string} file
 */
const bin = (name, file) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file);

/**
 * The same files, run side by side by each runner: a file has its own sandbox on its own port.
 *
 * @type {Record<string, string[]>}
 */
const RUNNERS = {
  vitest: [bin('vitest', 'vitest.mjs'), 'run', '--root', root, '--globals', '--maxWorkers=2'],
  jest: [bin('jest', 'bin/jest.js'), '--rootDir', root, '--testRegex=\\.spec\\.js$', '--maxWorkers=2', '--ci'],
};

for (const [name, args] of Object.entries(RUNNERS)) {
  test(`the sandbox works in ${name}`, async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_TEST_CONTEXT: undefined },
    });
    assert.match(stdout + stderr, /Tests:? +12 passed/);
  });
}
