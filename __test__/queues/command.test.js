'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { lead, ok, openOutbox, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { freePort } = require('../support/stores/server-process.js');
const { stores } = require('../support/stores/stores.js');

const bin = path.join(__dirname, '../../dist/cli.cjs');

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
const refport = (...args) =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, 'outbox', ...args], { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });

for (const store of stores) {
  describe(`npx refport outbox, on the store of ${store.name}`, () => {
    /** @type {import('../support/stores/stores.js').StoreServer} */
    let server;
    before(async () => {
      server = await store.start();
    });
    after(() => server.stop());
    const harness = (/** @type {string} */ area) => ({
      name: store.name,
      newArea: () => area,
      open: (/** @type {any} */ client, /** @type {string} */ name, /** @type {any} */ options) =>
        store.open(client, { ...store.optionsFor(server.url, name), ...options }),
    });

    test('shows what waits and decides about what is parked, next to the workers', async (t) => {
      let isKnown = false;
      const api = await startApi(t, (request, { clickId }) =>
        clickId === 'click_2' && !isKnown ? refused(400, 'INVALID_CLICK_ID') : ok(request),
      );
      const place = store.argsFor(server.url, 'shop');
      const producer = openOutbox(t, harness('shop'), api, { role: 'producer' });
      const ids = ['one', 'two', 'three'];
      // Of one customer, so that they are parked in this order.
      for (const id of ids) await producer.track.lead(lead('user 1', { clickId: 'click_2' }), { id });
      const { oldest, ...waiting } = JSON.parse((await refport('status', '--json', ...place)).stdout);
      assert.deepEqual(waiting, { pending: 3, held: 0, sending: 0, parked: 0, foreign: 0 });
      assert.ok(Date.now() - Date.parse(oldest) < 60_000);
      assert.match(
        (await refport('list', ...place)).stdout,
        /^ID +CALL +CUSTOMER +STATE +AGE +ATTEMPTS +WHY\none +lead +user 1 +pending +\d+ s +0\ntwo /,
      );

      const worker = openOutbox(t, harness('shop'), api, { role: 'worker' });
      await worker.drained();
      assert.match((await refport('status', ...place)).stdout, /^0 pending and 0 on the wire\n3 parked\nSee them with/);
      const { stdout: listed } = await refport('list', '--state', 'parked', ...place);
      assert.match(listed, /\none +lead +user 1 +parked +\d+ s +1 +rejected 400 INVALID_CLICK_ID/);
      assert.equal(listed.split('\n').length, 5);
      assert.equal(JSON.parse((await refport('list', '--limit', '2', '--json', ...place)).stdout).length, 2);
      const { stdout: shown } = await refport('show', 'two', ...place);
      assert.match(shown, /why +rejected 400 INVALID_CLICK_ID answered 400/);
      assert.match(shown, /"customerExternalId": "user 1"/);
      const exported = (await refport('export', ...place)).stdout
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text));
      assert.deepEqual(
        exported.map(({ id, call, state, reason, attempts, params, error }) => [
          id,
          `${call} ${state} ${reason} ${attempts} ${params.clickId} ${error.code} ${error.status}`,
        ]),
        ids.map((id) => [id, 'lead parked rejected 1 click_2 INVALID_CLICK_ID 400']),
      );

      assert.deepEqual(await refport('discard', 'one', 'nobody', ...place), {
        code: 1,
        stdout: 'Removed 1 entry\n',
        stderr: 'Not parked: "nobody"\n',
      });
      isKnown = true;
      assert.equal((await refport('resend', '--all', ...place)).stdout, 'Sending 2 entries again\n');
      await worker.drained();
      assert.deepEqual((await refport('list', ...place)).stdout, 'There is nothing.\n');
      assert.deepEqual((await refport('show', 'one', ...place)).stderr, 'There is no entry "one".\n');
      assert.equal(api.requests.length, 5, 'the worker has sent them');
    });

    test('shows all of many entries', async (t) => {
      const api = await startApi(t);
      const producer = openOutbox(t, harness('many'), api, { role: 'producer' });
      const ids = Array.from({ length: 250 }, (_, i) => `id_${i}`);
      for (const id of ids) await producer.track.lead(lead(), { id });
      const { stdout } = await refport('export', '--state', 'pending', ...store.argsFor(server.url, 'many'));
      const exported = stdout.trim().split('\n');
      assert.deepEqual(
        exported.map((line) => JSON.parse(line).id),
        ids,
      );
    });

    test('creates no outbox, and says so if there is none or no store', async () => {
      for (let i = 0; i < 2; i += 1) {
        const { code, stdout, stderr } = await refport('status', ...store.argsFor(server.url, 'nobodys'));
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(stderr, /There is no outbox (with the prefix|in the schema) nobodys/);
      }
      const url = new URL(server.url);
      url.port = String(await freePort());
      url.password = 's3cret';
      const { code, stderr } = await refport('status', ...store.argsFor(url.href, 'nobodys'));
      assert.equal(code, 1);
      assert.match(stderr, /^The outbox's store failed: .*ECONNREFUSED/);
      assert.doesNotMatch(stderr, /s3cret/);
    });
  });
}
