'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { runNode } = require('../support/run-node.js');
const {
  all,
  lead,
  ok,
  openOutbox,
  refused,
  sale,
  startApi,
  startWaitingApi,
  temporaryFolder,
} = require('../support/outbox.js');
const { API_KEY, assertError, rejectionOf } = require('../support/refport-client.js');

describe('an outbox and its process', () => {
  test('keeps no process alive, though entries wait and the API is slow', async (t) => {
    const api = await startApi(t, () => new Promise(() => {}));
    const file = path.join(temporaryFolder(t), 'outbox.db');
    const records = Array.from({ length: 10 }, (_, i) => ['sale', sale(`user_${i}`, { invoiceId: `in_${i}` })]);
    const { hung, code, stderr } = await runNode('outbox.js', { url: api.url, file, records }, { hangAfter: 10_000 });
    assert.deepEqual({ hung, code, stderr }, { hung: false, code: 0, stderr: '' });
    api.answer = ok;
    const outbox = openOutbox(t, api, { file });
    await outbox.drained();
    assert.equal(new Set(api.bodies().map(({ invoiceId }) => invoiceId)).size, 10);
  });

  test('drained() keeps it alive until everything is delivered', async (t) => {
    const api = await startApi(t);
    const file = path.join(temporaryFolder(t), 'outbox.db');
    const records = Array.from({ length: 10 }, (_, i) => ['lead', lead(`user_${i}`)]);
    const { stdout, code } = await runNode('outbox.js', { url: api.url, file, records, afterwards: 'drain' });
    assert.equal(code, 0);
    assert.equal(stdout.match(/delivered/g)?.length, 10);
  });

  test('close() lets what is on the wire finish, and takes no more', async (t) => {
    const { api, arrived, release } = await startWaitingApi(t);
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead());
    await arrived;
    const closed = outbox.close();
    assert.equal(outbox.close(), closed, 'closing again waits for the same');
    for (const attempt of [
      () => outbox.track.lead(lead()),
      () => outbox.stats(),
      () => outbox.drained(),
      () => outbox.resend('x'),
      () => all(outbox.parked()),
    ]) {
      assertError(await rejectionOf(attempt()), { name: 'RefportError', code: 'CLOSED', status: 0 });
    }
    release();
    await closed;
    const again = openOutbox(t, api, { file: outbox.file });
    assert.deepEqual(await again.stats(), { pending: 0, held: 0, sending: 0, parked: 0, foreign: 0, oldest: null });
  });

  test('at the end of its timeout close() cuts off: a lead is parked, a sale with invoiceId waits', async (t) => {
    const { api, arrived } = await startWaitingApi(t, 2);
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead('user_1'));
    await outbox.track.sale(sale('user_2', { invoiceId: 'in_2' }));
    await arrived;
    const start = performance.now();
    await outbox.close({ timeout: 50 });
    assert.ok(performance.now() - start < 5000);
    api.answer = ok;
    const again = openOutbox(t, api, { file: outbox.file });
    await again.drained();
    assert.deepEqual(
      (await all(again.parked())).map(({ call, reason }) => [call, reason]),
      [['lead', 'ambiguous']],
    );
    assert.equal(api.bodies().filter(({ invoiceId }) => invoiceId === 'in_2').length, 2);
  });

  test('drained() gives up when its signal fires', async (t) => {
    const api = await startApi(t, () => refused(401));
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead());
    const controller = new AbortController();
    const waiting = rejectionOf(outbox.drained({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    const error = await waiting;
    assertError(error, { name: 'RefportAbortError', code: 'ABORTED', status: 0 });
    assert.equal(error.cause.message, 'enough');
  });

  test('two of one path in one process share the file, and one of them delivers', async (t) => {
    const api = await startApi(t);
    const first = openOutbox(t, api);
    await first.stats();
    const second = openOutbox(t, api, { file: first.file });
    /** @type {string[]} */
    const delivered = [];
    first.on('delivered', ({ id }) => delivered.push(id));
    const deliversToo = () => assert.fail('the first delivers');
    second.on('delivered', deliversToo);
    const ids = [];
    for (let i = 0; i < 20; i += 1) {
      ids.push((await (i % 2 ? first : second).track.lead(lead(`user_${i}`))).id);
    }
    await Promise.all([first.drained(), second.drained()]);
    await first.stats();
    assert.deepEqual(delivered.sort(), ids.sort());
    assert.equal((await first.track.lead(lead(), { id: 'once' })).duplicate, false);
    assert.equal((await second.track.lead(lead(), { id: 'once' })).duplicate, true);
    second.off('delivered', deliversToo);
    await first.close();
    await second.track.lead(lead('user_last'));
    await second.drained();
    assert.equal(api.bodies().filter(({ customerExternalId }) => customerExternalId === 'user_last').length, 1);
  });

  test('workers may end at any moment', async (t) => {
    const api = await startApi(t);
    const file = path.join(temporaryFolder(t), 'outbox.db');
    for (let round = 0; round < 10; round += 1) {
      const worker = new Worker(
        `const { parentPort, workerData } = require('node:worker_threads');
         const { Refport } = require(workerData.root + '/dist/index.cjs');
         const { Outbox } = require(workerData.root + '/dist/outbox.cjs');
         const outbox = new Outbox(new Refport({ apiKey: workerData.key, baseUrl: workerData.url }), { path: workerData.file });
         let next = 0;
         const more = () => outbox.track.sale({
           clickId: 'c', customerExternalId: 'u', amount: 1, invoiceId: workerData.round + '-' + next++,
         }).then(({ id }) => { parentPort.postMessage(id); return more(); });
         for (let i = 0; i < 8; i += 1) more();`,
        { eval: true, workerData: { root: path.join(__dirname, '../..'), url: api.url, key: API_KEY, file, round } },
      );
      /** @type {string[]} */
      const recorded = [];
      await new Promise((resolve) => {
        worker.on('message', (id) => {
          recorded.push(id);
          if (recorded.length > 5 * round) resolve(undefined);
        });
      });
      await worker.terminate();
      const outbox = openOutbox(t, api, { file });
      await outbox.drained();
      await outbox.close();
      const counted = new Set(api.bodies().map(({ invoiceId }) => `sale:${invoiceId}`));
      assert.deepEqual(
        recorded.filter((id) => !counted.has(id)),
        [],
      );
    }
    assert.ok(fs.existsSync(file));
  });
});
