'use strict';

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');

const DEMO = path.resolve(__dirname, '../../scripts/demo/index.js');

test('the demo walks from a click to a portal token and through typed errors', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [DEMO]);
  assert.equal(stderr, '');
  const milestones = [
    /GET \/go\/ada\n {6}received 302 .*\?refp_id=click_/,
    /POST \/api\/track\/lead\n {6}sent {5}\{.*\}\n {6}received 200 \{/,
    /POST \/api\/track\/sale\n.*\n {6}received 200 .*"commissionAmount":980/,
    /POST \/api\/embed\/token\n.*\n {6}received 200 \{"publicToken":"pt_/,
    /The API is down/,
    /\n {3}recorded on disk as sale:invoice_3/,
    /ended by SIGKILL/,
    /The API is back.*\n.*POST \/api\/track\/sale\n.*\n {6}received 200 .*"commissionAmount":1980/,
    /received 429 \(retry-after: 1\)/,
    /RefportValidationError \{ status: 400, code: 'INVALID_CLICK_ID'/,
    /RefportValidationError \{ status: 422, code: 'VALIDATION_ERROR'/,
    /RefportAuthError \{ status: 401/,
    /RefportConnectionError \{ status: 0/,
    /RefportTimeoutError \{ status: 0, code: 'TIMEOUT'/,
  ];
  let from = 0;
  for (const milestone of milestones) {
    const found = milestone.exec(stdout.slice(from));
    assert.ok(found, `${milestone} is missing after:\n${stdout.slice(0, from)}`);
    from += found.index + found[0].length;
  }
});

test('with --open the shop and the dashboard stay until they are told to stop', async (t) => {
  const child = spawn(process.execPath, [DEMO, '--open'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  while (!text.includes('Ctrl+C')) await once(child.stdout, 'data');
  const [dashboard = '', link = ''] = text.match(/http:\/\/\S+/g) ?? [];
  assert.equal((await fetch(dashboard)).status, 200);
  const shop = await fetch(link);
  assert.equal(shop.status, 200);
  assert.match(await shop.text(), /Paper Lantern/);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
