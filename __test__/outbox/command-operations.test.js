'use strict';

// `npx refport outbox` beyond looking and deciding: imports, alerts, pipes, copies.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { lead, openOutbox, refused, startApi, temporaryFolder } = require('../support/outbox.js');

const bin = path.join(__dirname, '..', '..', 'dist', 'cli.cjs');

/** @param {string[]} args @returns {Promise<{ code: unknown, stdout: string, stderr: string }>} */
const refport = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, 'outbox', ...args], (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

test('imports a file, names its bad lines, and knows what it has imported', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'past.ndjson');
  const lines = [
    { call: 'lead', clickId: 'c', eventName: 'Sign up', customerExternalId: 'u1' },
    { clickId: 'c', customerExternalId: 'u1', amount: 4900, invoiceId: 'in_1' },
    { clickId: '', customerExternalId: 'u1', amount: 4900 },
    { id: 'mine', call: 'lead', params: lead('u2') },
  ].map((line) => JSON.stringify(line));
  fs.writeFileSync(file, `${lines.join('\n')}\nno json\n`);
  const place = ['--path', path.join(folder, 'outbox.db')];
  const first = await refport('import', file, ...place);
  assert.deepEqual([first.code, first.stdout], [1, 'Recorded 3 entries, 2 bad lines left out\n']);
  assert.match(first.stderr, /^Line 3: clickId must not be empty.*\nLine 5: /);
  const again = await refport('import', file, ...place);
  assert.equal(again.stdout, 'Recorded 0 entries, 3 recorded before, 2 bad lines left out\n');
  const listed = await refport('list', '--limit', '2', ...place);
  assert.match(listed.stdout, /\n2 of 3; --limit shows more\n$/);
});

test('imports CSV', async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, 'past.csv');
  const rows = ['call,clickId,customerExternalId,amount,invoiceId,metadata', 'sale,c,"u, ""1""",4900,in_1,"{""a"":1}"'];
  fs.writeFileSync(file, `\ufeff${rows.join('\r\n')}\r\nsale,c,u,many,in_2,\r\n`);
  const place = ['--path', path.join(folder, 'outbox.db')];
  const { stderr, stdout } = await refport('import', file, ...place);
  assert.equal(stdout, 'Recorded 1 entry, 1 bad line left out\n');
  assert.match(stderr, /^Line 3: amount is no number: many/);
  const [entry] = JSON.parse((await refport('list', '--json', ...place)).stdout);
  assert.deepEqual(
    [entry.id, entry.params],
    ['sale:in_1', { clickId: 'c', customerExternalId: 'u, "1"', amount: 4900, invoiceId: 'in_1', metadata: { a: 1 } }],
  );
});

test('status exits with 1 if something has waited too long', async (t) => {
  const api = await startApi(t, () => refused(503, 'AWAY', { 'Retry-After': '100' }));
  const outbox = openOutbox(t, api);
  await outbox.track.lead(lead());
  const place = ['--path', outbox.file];
  assert.equal((await refport('status', '--max-age', '1h', ...place)).code, 0);
  assert.equal((await refport('status', '--max-age', '1ms', ...place)).code, 1);
  assert.equal((await refport('status', '--max-age', 'soon', ...place)).code, 2);
});

test('export into a pipe that closes ends quietly', async (t) => {
  const api = await startApi(t, () => refused(503, 'AWAY', { 'Retry-After': '100' }));
  const outbox = openOutbox(t, api, { maxEntries: 5000 });
  await Promise.all(Array.from({ length: 3000 }, (_, i) => outbox.track.lead(lead(`user_${i}`))));
  const command = `set -o pipefail; "${process.execPath}" "${bin}" outbox export --path "${outbox.file}" | head -1`;
  const { stderr, stdout } = await promisify(execFile)('bash', ['-c', command]);
  assert.equal(stdout.trim().split('\n').length, 1);
  assert.equal(stderr, '');
});

test('writes a copy, and erases a customer', async (t) => {
  const api = await startApi(t, () => refused(503, 'AWAY', { 'Retry-After': '100' }));
  const outbox = openOutbox(t, api);
  await outbox.track.lead(lead('user_1'), { deliverAfter: 3_600_000 });
  const copy = path.join(temporaryFolder(t), 'copy.db');
  assert.equal((await refport('backup', copy, '--path', outbox.file)).stdout, `Wrote ${copy}\n`);
  assert.equal(JSON.parse((await refport('status', '--json', '--path', copy)).stdout).held, 1);
  assert.equal((await refport('erase', 'user_1', '--path', outbox.file)).stdout, 'Removed 1 entry\n');
  assert.equal((await outbox.stats()).held, 0);
});
