'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { version } = require('../../package.json');

const COMMANDS = {
  sandbox: 'run a sandbox of the Refport API on this machine',
  doctor: 'find out why reports do not arrive',
  outbox: 'see what waits in an outbox, and decide about what is parked',
};
const BIN = path.resolve(__dirname, '../../dist/cli.cjs');

/**
 * @param {...string} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
const refport = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

test('--version prints the version of the package', async () => {
  assert.deepEqual(await refport('--version'), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help lists every command with what it does', async () => {
  const { code, stdout, stderr } = await refport('--help');
  assert.deepEqual([code, stderr], [0, '']);
  for (const [name, summary] of Object.entries(COMMANDS)) {
    assert.match(stdout, new RegExp(`^(?:Usage:|      ) npx refport ${name} \\[options\\] +${summary}$`, 'm'));
  }
  assert.match(stdout, /^ +npx refport --version +print the version of the package$/m);
});

test('every command explains itself', async () => {
  for (const name of Object.keys(COMMANDS)) {
    const { code, stdout } = await refport(name, '--help');
    assert.equal(code, 0, name);
    assert.ok(stdout.startsWith(`Usage: npx refport ${name} `), stdout);
  }
});

test('what is no command is refused with the ones there are', async () => {
  for (const name of ['serve', 'constructor', '__proto__', '--verbose']) {
    const { code, stdout, stderr } = await refport(name);
    assert.deepEqual([code, stdout], [2, '']);
    assert.ok(stderr.startsWith(`There is no command "${name}". Usage: npx refport sandbox [options] `), stderr);
  }
});
