'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startSandbox, LEAD, SALE } = require('../support/sandbox.js');

test('a lead is answered with its click, link and customer', async (t) => {
  const { sandbox, lead } = await startSandbox(t, {
    clicks: [{ id: 'click_1', partner: 'grace', link: { programId: null, url: 'https://shop.example/' } }],
  });
  const { status, headers, body } = await lead({ customerEmail: 'a@b.example', customerName: 'Al' });
  assert.equal(status, 200);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.deepEqual(body, {
    eventName: 'Sign up',
    click: { id: 'click_1' },
    link: { id: 'link_grace', domain: 'refport.test', key: 'grace', url: 'https://shop.example/', programId: null },
    customer: { externalId: 'user_1', email: 'a@b.example', name: 'Al' },
  });
  assert.equal(sandbox.leads.length, 1);
  assert.deepEqual(sandbox.leads[0].params, { ...LEAD, customerEmail: 'a@b.example', customerName: 'Al' });
});

test('a lead for a click without link is recorded and answered with null', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  const { status, body } = await lead({ clickId: 'click_unlinked' });
  assert.equal(status, 200);
  assert.equal(body, null);
  assert.equal(sandbox.leads[0].response, null);
});

test('a sale is answered with the defaults of the API where it leaves something out', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const { status, body } = await sale();
  assert.equal(status, 200);
  assert.deepEqual(body, {
    eventName: 'Purchase',
    customer: { externalId: 'user_1', email: '', name: null },
    sale: {
      id: 'sale_1',
      amount: 4900,
      currency: 'usd',
      commissionAmount: 980,
      status: 'pending',
      invoiceId: null,
      paymentProcessor: 'custom',
    },
  });
  assert.deepEqual(sandbox.sales[0].response, body);
});

test('a sale keeps what it says', async (t) => {
  const { sale } = await startSandbox(t);
  const said = { currency: 'EUR', eventName: 'Upgrade', invoiceId: 'in_1', paymentProcessor: 'stripe' };
  const { body } = await sale({ ...said, customerEmail: 'a@b.example' });
  assert.equal(body.eventName, 'Upgrade');
  assert.equal(body.customer.email, 'a@b.example');
  assert.deepEqual([body.sale.currency, body.sale.invoiceId, body.sale.paymentProcessor], ['EUR', 'in_1', 'stripe']);
});

test('a customer is remembered from one call to the next', async (t) => {
  const { lead, sale } = await startSandbox(t);
  await lead({ customerEmail: 'a@b.example', customerName: 'Al' });
  assert.deepEqual((await sale()).body.customer, { externalId: 'user_1', email: 'a@b.example', name: 'Al' });
  assert.deepEqual((await sale({ customerName: 'Bo' })).body.customer.name, 'Bo');
  assert.deepEqual((await sale({ customerExternalId: 'user_2' })).body.customer.name, null);
});

test('an invoice is counted once, and a repetition gets the first answer', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const first = await sale({ invoiceId: 'in_1' });
  const again = await sale({ invoiceId: 'in_1', amount: 1 });
  assert.deepEqual(again.body, first.body);
  assert.equal(sandbox.sales.length, 1);
  await sale({ invoiceId: 'in_2' });
  await sale();
  await sale();
  assert.equal(sandbox.sales.length, 4);
});

test('invoices that arrive at the same time are counted once', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const answers = await Promise.all(Array.from({ length: 20 }, () => sale({ invoiceId: 'in_1' })));
  assert.deepEqual(new Set(answers.map(({ body }) => body.sale.id)), new Set(['sale_1']));
  assert.equal(sandbox.sales.length, 1);
});

test('an embed token is minted with its expiry', async (t) => {
  const { sandbox, token } = await startSandbox(t, { tokenLifetime: 60_000 });
  const before = Date.now();
  const { status, body } = await token();
  assert.equal(status, 200);
  assert.match(body.publicToken, /^pt_[\w-]{32}$/);
  const expires = Date.parse(body.expires);
  assert.ok(expires >= before + 60_000 && expires <= Date.now() + 60_000);
  assert.equal(sandbox.tokens[0].publicToken, body.publicToken);
  assert.equal(sandbox.tokens[0].expires.toISOString(), body.expires);
  assert.notEqual((await token()).body.publicToken, body.publicToken);
});

test('without an active program embed tokens are not found', async (t) => {
  const { sandbox, token } = await startSandbox(t, { program: false });
  const { status, body } = await token();
  assert.equal(status, 404);
  assert.equal(body.error.code, 'NOT_FOUND');
  assert.equal(sandbox.tokens.length, 0);
});

for (const path of ['/api/track/lead', '/api/track/sale', '/api/embed/token']) {
  test(`${path} refuses a key it does not know, before it looks at the body`, async (t) => {
    const { sandbox, post } = await startSandbox(t);
    for (const authorization of [
      'Bearer wrong',
      'Bearer ',
      'Basic sandbox_key',
      'sandbox_key',
      'Bearer sandbox_key2',
    ]) {
      const { status, body } = await post(path, '{', { headers: { authorization } });
      assert.equal(status, 401, authorization);
      assert.equal(body.error.code, 'UNAUTHORIZED');
      assert.ok(body.error.message);
    }
    assert.deepEqual([sandbox.leads.length, sandbox.sales.length, sandbox.tokens.length], [0, 0, 0]);
  });

  test(`${path} accepts each of its keys`, async (t) => {
    const { sandbox, post } = await startSandbox(t, { apiKeys: ['first', 'second'] });
    assert.equal(sandbox.apiKey, 'first');
    for (const key of ['first', 'second']) {
      const { status } = await post(
        path,
        { ...LEAD, ...SALE, tenantId: 'ada' },
        { headers: { authorization: `Bearer ${key}` } },
      );
      assert.equal(status, 200, key);
    }
  });

  test(`${path} takes POST only`, async (t) => {
    const { sandbox } = await startSandbox(t);
    const response = await fetch(sandbox.url + path);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'POST');
    assert.equal((await response.json()).error.code, 'METHOD_NOT_ALLOWED');
  });
}

test('the three endpoints are all there is', async (t) => {
  const { sandbox, post } = await startSandbox(t);
  for (const path of ['/api', '/api/track', '/api/track/lead/', '//api/track/lead', '/prefix/api/track/lead']) {
    const { status, body } = await post(path, LEAD);
    assert.equal(status, 404, path);
    assert.equal(body.error.code, 'NOT_FOUND');
  }
  assert.equal(sandbox.leads.length, 0);
  assert.deepEqual(
    sandbox.requests.map(({ call }) => call),
    Array(5).fill(null),
  );
});
