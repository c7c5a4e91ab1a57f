'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startSandbox, LEAD, SALE } = require('../support/sandbox.js');

/** What each field refuses. `undefined` leaves the field out. */
const TEXT = [null, 1, true, [], {}];
const FILLED = [...TEXT, ''];
const OBJECT = [null, 1, true, '', []];
const CUSTOMER = {
  customerEmail: TEXT,
  customerName: TEXT,
  customerAvatar: [...TEXT, '', '/face.png'],
  metadata: OBJECT,
};

/** @type {Array<[path: string, status: number, params: object, refused: Record<string, unknown[]>]>} */
const TABLE = [
  [
    '/api/track/lead',
    400,
    LEAD,
    {
      clickId: [undefined, ...FILLED],
      eventName: [undefined, ...FILLED],
      customerExternalId: [undefined, ...FILLED],
      ...CUSTOMER,
    },
  ],
  [
    '/api/track/sale',
    400,
    SALE,
    {
      clickId: [undefined, ...FILLED],
      customerExternalId: [undefined, ...FILLED],
      amount: [undefined, null, '4900', true, []],
      eventName: FILLED,
      currency: [...FILLED, 'dollars', 'us'],
      invoiceId: FILLED,
      paymentProcessor: [...FILLED, 'cash'],
      ...CUSTOMER,
    },
  ],
  [
    '/api/embed/token',
    422,
    { tenantId: 'ada', partner: { email: 'a@b.example' } },
    {
      tenantId: FILLED,
      enrollmentId: FILLED,
      partner: [...OBJECT, {}, { email: 'nobody' }, { email: 'a@b.example', name: 1 }],
    },
  ],
];

for (const [path, status, params, refused] of TABLE) {
  for (const [field, values] of Object.entries(refused)) {
    test(`${path} refuses a bad ${field} and says so`, async (t) => {
      const { sandbox, post } = await startSandbox(t);
      for (const value of values) {
        const answer = await post(path, { ...params, [field]: value });
        assert.equal(answer.status, status, JSON.stringify(value));
        assert.equal(answer.body.error.code, 'VALIDATION_ERROR');
        assert.match(answer.body.error.message, new RegExp(`^${field}`));
      }
      assert.deepEqual([sandbox.leads.length, sandbox.sales.length, sandbox.tokens.length], [0, 0, 0]);
    });
  }

  test(`${path} accepts its fields, and those it does not know`, async (t) => {
    const { post } = await startSandbox(t);
    assert.equal((await post(path, { ...params, future: { a: [1] } })).status, 200);
  });

  test(`${path} refuses a body that is no JSON object`, async (t) => {
    const { post } = await startSandbox(t);
    for (const body of ['', '{', 'null', '[]', '1', '"a"', '{"clickId":"click_1"}{}']) {
      const answer = await post(path, body);
      assert.equal(answer.status, status, body);
      assert.equal(answer.body.error.code, 'VALIDATION_ERROR');
    }
  });

  test(`${path} refuses a body that is not declared as JSON`, async (t) => {
    const { post } = await startSandbox(t);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const answer = await post(path, params, { headers: { 'content-type': type } });
      assert.equal(answer.status, status, type);
      assert.match(answer.body.error.message, /Content-Type/);
    }
    const answer = await post(path, params, { headers: { 'content-type': 'Application/JSON; charset=utf-8' } });
    assert.equal(answer.status, 200);
  });
}

test('every payment processor is accepted', async (t) => {
  const { sale } = await startSandbox(t);
  for (const paymentProcessor of ['stripe', 'shopify', 'polar', 'paddle', 'revenuecat', 'custom']) {
    assert.equal((await sale({ paymentProcessor })).body.sale.paymentProcessor, paymentProcessor);
  }
});

test('an amount that JSON can write but no number can hold is refused', async (t) => {
  const { post } = await startSandbox(t);
  const answer = await post('/api/track/sale', '{"clickId":"click_1","customerExternalId":"u","amount":1e999}');
  assert.equal(answer.status, 400);
});

for (const call of /** @type {const} */ (['lead', 'sale'])) {
  test(`a ${call} for a click that is not known is refused with INVALID_CLICK_ID`, async (t) => {
    const client = await startSandbox(t);
    const { status, body } = await client[call]({ clickId: 'click_2' });
    assert.equal(status, 400);
    assert.equal(body.error.code, 'INVALID_CLICK_ID');
    assert.match(body.error.message, /click_2/);
    client.sandbox.addClick('click_2');
    assert.equal((await client[call]({ clickId: 'click_2' })).status, 200);
  });
}

test('one of tenantId, enrollmentId and partner is enough, and needed', async (t) => {
  const { post } = await startSandbox(t);
  for (const params of [{ tenantId: 'ada' }, { enrollmentId: 'en_1' }, { partner: { email: 'a@b.example' } }]) {
    assert.equal((await post('/api/embed/token', params)).status, 200);
  }
  const { status, body } = await post('/api/embed/token', { theme: 'dark' });
  assert.equal(status, 422);
  assert.match(body.error.message, /tenantId, enrollmentId and partner/);
});

test('a field of the prototype is no field', async (t) => {
  const { post } = await startSandbox(t);
  const { status } = await post(
    '/api/track/lead',
    '{"__proto__":{"clickId":"click_1"},"eventName":"a","customerExternalId":"b"}',
  );
  assert.equal(status, 400);
});
