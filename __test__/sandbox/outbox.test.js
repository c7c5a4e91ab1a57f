'use strict';

// The app's outbox as the dashboard reads it and decides about it.

const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { createSandbox } = require('refport/testing');
const { openOutbox, temporaryFolder } = require('../support/outbox.js');

const LEAD = { clickId: 'click_1', eventName: 'Sign up', customerExternalId: 'user_1' };

/** @param {import('node:test').TestContext} t */
async function start(t) {
  const file = path.join(temporaryFolder(t), 'outbox.db');
  const sandbox = await createSandbox({ outbox: { path: file } });
  t.after(() => sandbox.close());
  /** @param {string} name */
  const get = async (name) => {
    const response = await fetch(`${sandbox.url}/_sandbox/${name}`);
    return { status: response.status, body: await response.json() };
  };
  /**
   * @param {string} decision
   * @param {unknown} id
   */
  const decide = async (decision, id) => {
    const response = await fetch(`${sandbox.url}/_sandbox/outbox/${decision}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id }),
    });
    return { status: response.status, body: await response.json() };
  };
  const open = () => {
    const { apiKey } = sandbox;
    return openOutbox(t, sandbox, { file, client: { apiKey } });
  };
  return { sandbox, file, get, decide, open };
}

test('entries are counted, listed and shown', async (t) => {
  const { sandbox, file, get, open } = await start(t);
  assert.equal((await get('state')).body.outbox, file);
  const outbox = open();
  sandbox.fail({ on: 'lead', status: 400, code: 'INVALID_CLICK_ID', message: 'no such click' });
  await outbox.track.lead(LEAD, { id: 'parked' });
  await outbox.drained();
  const deliverAt = new Date(Date.now() + 3_600_000);
  await outbox.track.lead(LEAD, { id: 'held', deliverAfter: deliverAt });
  assert.deepEqual((await get('outbox')).body, { pending: 0, held: 1, sending: 0, parked: 1, error: null });
  const { entries } = (await get('outbox/entries')).body;
  assert.deepEqual(
    entries.map((/** @type {any} */ { recordedAt, ...entry }) => entry),
    [
      {
        ...{ id: 'parked', call: 'lead', customerId: 'user_1', state: 'parked', reason: 'rejected', attempts: 1 },
        ...{ deliverAt: null, error: { code: 'INVALID_CLICK_ID', message: 'no such click', status: 400 } },
      },
      {
        ...{ id: 'held', call: 'lead', customerId: 'user_1', state: 'held', reason: null, attempts: 0 },
        ...{ deliverAt: deliverAt.toISOString(), error: null },
      },
    ],
  );
  assert.deepEqual((await get('outbox/entries/held')).body.params, LEAD);
  assert.equal((await get('outbox/entries/nobody')).status, 404);
});

test('a parked entry is sent again, a held one discarded, and what is gone is said to be', async (t) => {
  const { sandbox, decide, open } = await start(t);
  const outbox = open();
  sandbox.drop({ on: 'lead', when: 'after' });
  await outbox.track.lead(LEAD, { id: 'parked' });
  await outbox.drained();
  await outbox.track.lead(LEAD, { id: 'held', deliverAfter: 3_600_000 });
  assert.equal(sandbox.leads.length, 1);
  assert.equal((await decide('resend', 'parked')).status, 200);
  await sandbox.waitForLead(({ id }) => id === 2);
  assert.equal((await decide('discard', 'held')).status, 200);
  await outbox.drained();
  assert.equal(sandbox.leads.length, 2);
  for (const [decision, id] of [
    ['discard', 'held'],
    ['resend', 'parked'],
  ]) {
    const { status, body } = await decide(String(decision), id);
    assert.deepEqual([status, body.error.code], [404, 'NOT_FOUND']);
  }
  assert.equal((await decide('discard', 7)).status, 422);
});

test('an outbox that is not there yet is told, and found once it is', async (t) => {
  const { file, get, open } = await start(t);
  const { status, body } = await get('outbox');
  assert.equal(status, 200);
  assert.deepEqual(body, { error: { code: 'OUTBOX_FAILED', message: `There is no file ${file}` } });
  assert.equal((await get('outbox/entries')).status, 503);
  const outbox = open();
  await outbox.track.lead(LEAD, { deliverAfter: 3_600_000 });
  assert.equal((await get('outbox')).body.held, 1);
});

test('without an outbox there is nothing to read or to decide', async (t) => {
  const sandbox = await createSandbox();
  t.after(() => sandbox.close());
  const state = await (await fetch(`${sandbox.url}/_sandbox/state`)).json();
  assert.equal(state.outbox, null);
  const answers = [
    await fetch(`${sandbox.url}/_sandbox/outbox`),
    await fetch(`${sandbox.url}/_sandbox/outbox/discard`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"id":"one"}',
    }),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 404],
  );
});

test('the address of a queue is shown without its credentials', async (t) => {
  for (const [outbox, shown] of /** @type {const} */ ([
    [{ redis: 'redis://me:secret@127.0.0.1:1/2', prefix: 'shop' }, 'redis://127.0.0.1:1/2'],
    [{ postgres: 'postgres://me:secret@127.0.0.1:1/shop', schema: 'boss' }, 'postgres://127.0.0.1:1/shop'],
  ])) {
    const sandbox = await createSandbox({ outbox });
    t.after(() => sandbox.close());
    assert.equal((await (await fetch(`${sandbox.url}/_sandbox/state`)).json()).outbox, shown);
  }
});
