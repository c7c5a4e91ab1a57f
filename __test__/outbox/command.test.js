'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { describe, test } = require('node:test');
const { lead, ok, openOutbox, refused, sale, startApi } = require('../support/outbox.js');

const bin = path.join(__dirname, '..', '..', 'dist', 'cli.cjs');

/** @param {string[]} args @returns {Promise<{ code: unknown, stdout: string, stderr: string }>} */
const refport = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, 'outbox', ...args], (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

describe('npx refport outbox', () => {
  test('shows what waits and decides about what is parked, while a process has the file open', async (t) => {
    let isKnown = false;
    const api = await startApi(t, (request) => {
      const { clickId } = JSON.parse(request.body.toString());
      return clickId === 'click_2' && !isKnown ? refused(400, 'INVALID_CLICK_ID') : ok(request);
    });
    const outbox = openOutbox(t, api);
    const file = ['--path', outbox.file];
    for (const id of ['one', 'two', 'three'])
      await outbox.track.lead(lead(`user ${id}`, { clickId: 'click_2' }), { id });
    await outbox.drained();

    assert.match((await refport('status', ...file)).stdout, /^0 pending and 0 on the wire\n3 parked\nSee them with/);
    assert.deepEqual(JSON.parse((await refport('status', '--json', ...file)).stdout), {
      pending: 0,
      held: 0,
      sending: 0,
      parked: 3,
      foreign: 0,
      oldest: null,
    });
    const { stdout: listed } = await refport('list', '--state', 'parked', ...file);
    assert.match(
      listed,
      /^ID +CALL +CUSTOMER +STATE +AGE +ATTEMPTS +WHY\none +lead +user one +parked +\d+ s +1 +rejected 400 INVALID_CLICK_ID/,
    );
    assert.equal(listed.split('\n').length, 5);
    assert.equal(JSON.parse((await refport('list', '--limit', '2', '--json', ...file)).stdout).length, 2);
    const { stdout: shown } = await refport('show', 'two', ...file);
    assert.match(shown, /why +rejected 400 INVALID_CLICK_ID answered 400/);
    assert.match(shown, /"customerExternalId": "user two"/);
    const exported = (await refport('export', ...file)).stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    assert.deepEqual(
      exported.map(({ id, reason, params }) => [id, reason, params.clickId]),
      ['one', 'two', 'three'].map((id) => [id, 'rejected', 'click_2']),
    );

    assert.deepEqual(await refport('discard', 'one', 'nobody', ...file), {
      code: 1,
      stdout: 'Removed 1 entry\n',
      stderr: 'Not parked: "nobody"\n',
    });
    isKnown = true;
    assert.equal((await refport('resend', '--all', ...file)).stdout, 'Sending 2 entries again\n');
    await outbox.drained();
    assert.deepEqual(await outbox.stats().then(({ parked, pending }) => [parked, pending]), [0, 0]);
    assert.equal(api.requests.length, 5, 'the process that has it open has sent them');
  });

  test('says what is wrong', async (t) => {
    const outbox = openOutbox(t, await startApi(t));
    await outbox.track.sale(sale());
    const file = ['--path', outbox.file];
    for (const [args, code, message] of /** @type {[string[], number, RegExp][]} */ ([
      [[], 2, /Which command\?.*Usage: npx refport outbox/s],
      [['look', ...file], 2, /There is no command "look"/],
      [['status'], 2, /--path is missing/],
      [['status', '--path', ''], 2, /--path, --redis and --postgres must not be empty/],
      [['status', ...file, '--redis', 'redis://127.0.0.1'], 2, /Only one of --path, --redis and --postgres/],
      [['status', ...file, '--prefix', 'shop'], 2, /--prefix belongs to --redis/],
      [['status', ...file, '--schema', 'shop'], 2, /--schema belongs to --postgres/],
      [['list', '--state', 'gone', ...file], 2, /--state must be one of pending, held, sending, parked/],
      [['list', '--limit', '0', ...file], 2, /--limit/],
      [['list', '--colour', ...file], 2, /--colour/],
      [['show', ...file], 2, /show needs an ID/],
      [['show', 'nobody', ...file], 1, /There is no entry "nobody"/],
      [['discard', ...file], 2, /discard needs IDs, or --all/],
      [['status', '--path', `${outbox.file}.typo`], 1, /There is no file/],
      [['status', '--path', __filename], 1, /it is no database/],
    ])) {
      const { code: ended, stderr, stdout } = await refport(...args);
      assert.match(stderr, message);
      assert.deepEqual([ended, stdout], [code, ''], args.join(' '));
    }
    assert.match((await refport('--help')).stdout, /^Usage: npx refport outbox/);
  });

  test('prints no characters that steer a terminal or reorder its text', async (t) => {
    const outbox = openOutbox(t, await startApi(t, () => refused(400, 'INVALID_CLICK_ID')));
    await outbox.track.lead(lead('a\u001b[2J\u202eb\u2028c'));
    await outbox.drained();
    const { stdout } = await refport('list', '--path', outbox.file);
    assert.match(stdout, /lead +a\ufffd\[2J\ufffdb\ufffdc +parked/);
  });
});
