'use strict';

// `npx refport doctor` as a command: what it prints, and its exit code.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { doctor, startSandbox } = require('../support/doctor.js');

test('nothing is wrong: exit code 0, and nothing was created', async (t) => {
  const { sandbox, env } = await startSandbox(t);
  const { code, stdout, stderr } = await doctor(env);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^✓ engine +refport \d+\.\d+\.\d+, native, \w+-\w+/);
  assert.match(stdout, /^✓ node +v\d+/m);
  assert.match(stdout, /^✓ key +from REFPORT_API_KEY$/m);
  assert.match(stdout, /^✓ base URL +http:\/\/127\.0\.0\.1:\d+, from REFPORT_BASE_URL$/m);
  assert.match(stdout, /^✓ key accepted +yes\n\nNothing is wrong\.\n$/m);
  assert.deepEqual(
    sandbox.requests.map(({ path, body }) => [path, body]),
    [['/api/embed/token', '{}']],
  );
  assert.equal(sandbox.tokens.length, 0);
});

test('something is wrong: exit code 1, and what to do', async (t) => {
  const { env } = await startSandbox(t);
  const { code, stdout } = await doctor({ ...env, REFPORT_API_KEY: 'rk_bad_key' });
  assert.equal(code, 1);
  assert.match(
    stdout,
    /^✗ key accepted +no\n {2}Use a key of this workspace.*\n\nWrong: 1\. See the lines with ✗\.\n$/m,
  );
});

test('--json: one object with all findings', async (t) => {
  const { env } = await startSandbox(t);
  const { stdout } = await doctor(env, '--json');
  const { ok, findings } = JSON.parse(stdout);
  assert.equal(ok, true);
  assert.deepEqual(
    findings.map((/** @type {{ name: string }} */ { name }) => name),
    ['engine', 'node', 'key', 'base URL', 'proxy', 'DNS', 'TCP', 'API', 'key accepted'],
  );
});

test('an option that there is not: exit code 2', async () => {
  const { code, stdout, stderr } = await doctor({}, '--yaml');
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^There is no option "--yaml"\.\nUsage: npx refport doctor/);
});
