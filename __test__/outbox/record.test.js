'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { all, lead, ok, openOutbox, sale, startApi } = require('../support/outbox.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');

describe('recording a conversion', () => {
  test('is checked as a call is, with the same errors', async (t) => {
    const api = await startApi(t);
    const outbox = openOutbox(t, api);
    const refport = clientFor(api);
    /** @type {any} */
    const circular = { ...lead() };
    circular.metadata = circular;
    for (const [call, params] of /** @type {['lead' | 'sale', any][]} */ ([
      ['lead', undefined],
      ['lead', []],
      ['lead', lead(undefined, { clickId: '' })],
      ['lead', { clickId: 'click_1' }],
      ['lead', circular],
      ['sale', lead()],
      ['sale', sale(undefined, { amount: Number.NaN })],
      ['sale', sale(undefined, { amount: '49' })],
      ['sale', sale(undefined, { metadata: { big: 1n } })],
    ])) {
      const expected = await rejectionOf(refport.track[call](params));
      const { name, code, status, message } = await rejectionOf(outbox.track[call](params));
      assert.deepEqual(
        { name, code, status, message },
        { name: expected.name, code: expected.code, status: expected.status, message: expected.message },
      );
    }
    assert.equal(api.requests.length, 0);
    assert.deepEqual(await outbox.stats(), { pending: 0, held: 0, sending: 0, parked: 0, foreign: 0, oldest: null });
  });

  test('gives it a random id, or that of its invoice, or the one that was passed', async (t) => {
    const outbox = openOutbox(t, await startApi(t));
    const first = await outbox.track.lead(lead());
    const second = await outbox.track.lead(lead());
    assert.match(first.id, /^[0-9a-f]{32}$/);
    assert.notEqual(first.id, second.id);
    assert.deepEqual(await outbox.track.sale(sale('user_1', { invoiceId: 'in_1' })), {
      id: 'sale:in_1',
      duplicate: false,
    });
    assert.deepEqual(await outbox.track.lead(lead(), { id: 'user_1 signed up\n\t' }), {
      id: 'user_1 signed up\n\t',
      duplicate: false,
    });
  });

  test('an id counts once, while it waits, when it was delivered, and when it was discarded', async (t) => {
    let isAway = true;
    const api = await startApi(t, (request) => {
      if (isAway) return { status: 401, body: '{}' };
      if (JSON.parse(request.body.toString()).clickId === 'unknown') return { status: 400, body: '{}' };
      return ok(request);
    });
    const outbox = openOutbox(t, api);
    const both = await Promise.all([
      outbox.track.lead(lead(), { id: 'one' }),
      outbox.track.lead(lead('somebody else'), { id: 'one' }),
    ]);
    assert.deepEqual(
      both.map(({ duplicate }) => duplicate),
      [false, true],
    );
    await outbox.track.sale(sale('user_2', { clickId: 'unknown' }), { id: 'two' });
    isAway = false;
    await outbox.drained();
    assert.equal((await outbox.track.lead(lead(), { id: 'one' })).duplicate, true);
    assert.equal((await outbox.track.lead(lead(), { id: 'two' })).duplicate, true);
    assert.equal(await outbox.discard('two'), true);
    assert.equal((await outbox.track.lead(lead(), { id: 'two' })).duplicate, true);
    await outbox.drained();
    const counted = api.bodies().filter(({ clickId }) => clickId === 'click_1');
    assert.deepEqual(new Set(counted.map(({ customerExternalId }) => customerExternalId)), new Set(['user_1']));
    assert.deepEqual(await all(outbox.parked()), []);
  });

  test('what is wrong with an id or an option is said', async (t) => {
    const outbox = openOutbox(t, await startApi(t));
    for (const [options, message] of /** @type {[any, RegExp][]} */ ([
      [{ id: '' }, /id must be a non-empty string/],
      [{ id: 7 }, /id must be a non-empty string, not 7/],
      [{ id: 'x'.repeat(501) }, /id must not be longer than 500/],
      [{ jobId: 'x' }, /did you mean id\?/],
      ['one', /options must be an object/],
    ])) {
      const error = await rejectionOf(outbox.track.lead(lead(), options));
      assertError(error, { name: 'RefportValidationError', code: 'VALIDATION_ERROR', status: 422, message });
    }
  });
});
