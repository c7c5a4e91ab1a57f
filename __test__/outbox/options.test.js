'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { describe, test } = require('node:test');
const { promisify } = require('node:util');
const sdk = require('refport');
const result = require('refport/result');
const { Outbox } = require('refport/outbox');
const { lead, openOutbox, startApi, temporaryFolder } = require('../support/outbox.js');

const refport = () => new sdk.Refport({ apiKey: 'rk_1' });

describe('new Outbox()', () => {
  for (const [options, message] of /** @type {[any, RegExp][]} */ ([
    [undefined, /options must be an object/],
    [{}, /path must be a non-empty string/],
    [{ path: '' }, /path must be a non-empty string/],
    [{ path: 7 }, /path must be a non-empty string, not 7/],
    [{ path: 'x', concurrency: 0 }, /concurrency must be a whole number from 1 to 256, not 0/],
    [{ path: 'x', concurrency: 1.5 }, /concurrency must be a whole number/],
    [{ path: 'x', maxEntries: '5' }, /maxEntries must be a whole number/],
    [{ path: 'x', maxAge: 0 }, /maxAge must be a number of milliseconds/],
    [{ file: 'x' }, /file is not an option of new Outbox\(\): did you mean path\?/],
  ])) {
    test(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => new Outbox(refport(), options), { name: 'RefportValidationError', message });
    });
  }

  for (const client of /** @type {any[]} */ ([undefined, {}, sdk.Refport, { track: {} }])) {
    test(`refuses ${String(client)} as a client`, () => {
      assert.throws(() => new Outbox(client, { path: 'x' }), {
        name: 'RefportValidationError',
        message: /refport must be a client/,
      });
    });
  }

  test('takes a client of refport/result too', async (t) => {
    const api = await startApi(t);
    const client = new result.Refport({ apiKey: 'rk_1', baseUrl: api.url });
    const outbox = new Outbox(client, { path: path.join(temporaryFolder(t), 'outbox.db') });
    await outbox.track.lead(lead());
    await outbox.drained();
    await outbox.close();
    assert.equal(api.requests.length, 1);
  });

  test('refuses the engine fetch, and says what to use instead', async () => {
    const script = `
      const { Refport } = require('refport');
      const { Outbox } = require('refport/outbox');
      try { new Outbox(new Refport({ apiKey: 'rk_1' }), { path: 'x' }); } catch ({ name, message }) { console.log(name, message); }`;
    const options = { cwd: path.join(__dirname, '..', '..'), env: { ...process.env, REFPORT_ENGINE: 'fetch' } };
    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script], options);
    assert.match(stdout, /^RefportValidationError refport\/outbox needs the native engine.*refport\/outbox\/bullmq/);
  });

  test('track can be detached', async (t) => {
    const outbox = openOutbox(t, await startApi(t));
    const { lead: record } = outbox.track;
    assert.equal((await record(lead())).duplicate, false);
  });
});
