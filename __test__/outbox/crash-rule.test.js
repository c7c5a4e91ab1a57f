'use strict';

const assert = require('node:assert/strict');
const path = require('node:path');
const { describe, test } = require('node:test');
const { startNode, runNode } = require('../support/run-node.js');
const { all, lead, ok, openOutbox, refused, sale, startApi, temporaryFolder } = require('../support/outbox.js');

/**
 * Starts a process with an outbox and kills it as soon as the API has these many requests in hand.
 *
 * @param {any} api
 * @param {number} count
 * @param {object} input for the program
 */
async function killWhileSending(api, count, input) {
  const { answer } = api;
  let held = 0;
  let resolve = () => {};
  const allHeld = new Promise((settle) => {
    resolve = () => settle(undefined);
  });
  api.answer = () => {
    held += 1;
    if (held === count) resolve();
    return new Promise(() => {});
  };
  const { child, finished } = startNode('outbox.js', { ...input, url: api.url, afterwards: 'stay' });
  await allHeld;
  child.kill('SIGKILL');
  await finished;
  api.answer = answer;
}

describe('after a process is killed', () => {
  test('what was on the wire is sent again if it has an invoiceId, and parked otherwise', async (t) => {
    const api = await startApi(t);
    const file = path.join(temporaryFolder(t), 'outbox.db');
    const records = [
      ['lead', lead('user_1'), { id: 'lead' }],
      ['sale', sale('user_1', { invoiceId: 'in_4' })],
      ['sale', sale('user_2'), { id: 'sale' }],
      ['sale', sale('user_3', { invoiceId: 'in_3' })],
    ];
    await killWhileSending(api, 3, { file, records });
    const outbox = openOutbox(t, api, { file });
    await outbox.drained();
    const parked = await all(outbox.parked());
    assert.deepEqual(
      parked.map(({ id, reason, error, attempts }) => [id, reason, error?.code, error?.ambiguous, attempts]),
      [
        ['lead', 'ambiguous', 'INTERRUPTED', true, 1],
        ['sale', 'ambiguous', 'INTERRUPTED', true, 1],
      ],
    );
    assert.deepEqual(
      api
        .bodies()
        .slice(3)
        .map(({ invoiceId }) => invoiceId)
        .sort(),
      ['in_3', 'in_4'],
    );
  });

  test('what was recorded a moment before waits, although nothing was sent', async (t) => {
    const api = await startApi(t, () => refused(401));
    const file = path.join(temporaryFolder(t), 'outbox.db');
    const { stdout, code } = await runNode('outbox.js', {
      url: api.url,
      file,
      records: Array.from({ length: 20 }, (_, i) => ['lead', lead(`user_${i}`)]),
      afterwards: 'exit',
    });
    assert.equal(code, 0);
    assert.equal(stdout.match(/recorded/g)?.length, 20);
    const before = api.requests.length;
    api.answer = ok;
    const outbox = openOutbox(t, api, { file });
    await outbox.drained();
    const parked = (await all(outbox.parked())).map(({ params }) => params.customerExternalId);
    // The API may read the last request of the process after its end: that lead is accepted and parked.
    const accepted = api
      .bodies()
      .slice(before)
      .map(({ customerExternalId }) => customerExternalId);
    assert.equal(new Set([...accepted, ...parked]).size, 20);
    assert.equal(new Set(accepted).size, accepted.length, 'one was sent twice');
  });
});
