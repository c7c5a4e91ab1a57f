'use strict';

// `npx refport outbox` beside a process that delivers, or cannot: ends its pause, takes over entries, watches.

const assert = require('node:assert/strict');
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { test } = require('node:test');
const { lead, next, ok, openOutbox, refused, startApi, startWaitingApi } = require('../support/outbox.js');

const bin = path.join(__dirname, '..', '..', 'dist', 'cli.cjs');

/** @param {string[]} args @param {NodeJS.ProcessEnv} [env] @returns {Promise<{ code: unknown, stdout: string, stderr: string }>} */
const refport = (args, env = {}) =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, 'outbox', ...args], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

test('resume ends the pause of the process that delivers', async (t) => {
  const api = await startApi(t, () => refused(429, 'LIMIT', { 'Retry-After': '3600' }));
  const outbox = openOutbox(t, api);
  const place = ['--path', outbox.file];
  const paused = next(outbox, 'paused', 1);
  await outbox.track.lead(lead());
  await paused;
  await outbox.stats();
  api.answer = ok;
  assert.deepEqual(await refport(['resume', ...place]), { code: 0, stdout: 'Ended the pause\n', stderr: '' });
  await outbox.drained();
  assert.equal((await refport(['resume', ...place])).stdout, 'There was no pause\n');
  assert.deepEqual(JSON.parse((await refport(['resume', '--json', ...place])).stdout), { resumed: false });
});

test('adopt takes over the entries of another key, and sends none itself', async (t) => {
  const api = await startApi(t, () => refused(401));
  const old = openOutbox(t, api, { client: { apiKey: 'old_key' } });
  for (let i = 0; i < 3; i += 1) await old.track.lead(lead(`user_${i}`));
  await old.close();
  const refusals = api.requests.length;
  api.answer = () => new Promise(() => {});
  const place = ['--path', old.file];
  const env = { REFPORT_API_KEY: 'new_key', REFPORT_BASE_URL: api.url };
  assert.deepEqual(await refport(['adopt', ...place], env), {
    code: 0,
    stdout: 'Took over 3 entries\n',
    stderr: '',
  });
  assert.equal(api.requests.length, refusals, 'a command that ends at once begins nothing');
  assert.deepEqual(JSON.parse((await refport(['adopt', '--json', ...place], env)).stdout), { adopted: 0 });
  api.answer = ok;
  const heir = openOutbox(t, api, { file: old.file, client: { apiKey: 'new_key' } });
  await heir.drained();
  assert.deepEqual(
    api.requests.slice(refusals).map(({ headers }) => headers.authorization),
    Array(3).fill('Bearer new_key'),
  );
  assert.equal((await heir.stats()).parked, 0);
});

test('status --watch shows the counts as they change, and ends when nothing is due', { timeout: 60_000 }, async (t) => {
  const { api, release } = await startWaitingApi(t);
  const outbox = openOutbox(t, api);
  await outbox.track.lead(lead());
  const watch = spawn(process.execPath, [bin, 'outbox', 'status', '--watch', '--path', outbox.file]);
  t.after(() => watch.kill());
  let shown = '';
  watch.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text;
    if (text.includes('1 on the wire')) release();
  });
  const [code] = await once(watch, 'close');
  assert.equal(code, 0);
  assert.match(
    shown,
    /0 pending, 1 on the wire, 0 held, 0 parked\n(.*\n)*0 pending, 0 on the wire, 0 held, 0 parked\n$/,
  );
});
