'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const testing = require('refport/testing');
const { startBriefly, startSandbox } = require('../support/sandbox.js');

const { SandboxError } = testing;

/** @type {Array<[message: RegExp, options: any]>} */
const MISUSE = [
  [/^The options of createSandbox must be an object, got 'x'/, 'x'],
  [/^The options of createSandbox must be an object, got null/, null],
  [/no option "apiKey"; it takes port, apiKeys/, { apiKey: 'x' }],
  [/^port must be a whole number from 0 to 65535, got 70000/, { port: 70000 }],
  [/^port must be/, { port: '4455' }],
  [/^apiKeys must be an array/, { apiKeys: 'key' }],
  [/^apiKeys must be an array with at least one/, { apiKeys: [] }],
  [/^apiKeys\[1\] must be a non-empty string/, { apiKeys: ['a', ''] }],
  [/^clicks must be an array/, { clicks: 'click' }],
  [/^clicks\[0\] must be/, { clicks: [''] }],
  [/^clicks\[0\] must be/, { clicks: [undefined] }],
  [/^clicks\[0\]\.id must be/, { clicks: [{}] }],
  [/^clicks\[0\]\.partner must be/, { clicks: [{ id: 'a', partner: 'a/b' }] }],
  [/^clicks\[0\]\.link has no option "uri"/, { clicks: [{ id: 'a', link: { uri: 'x' } }] }],
  [/^clicks must be free of repeated ids, got 'a'/, { clicks: ['a', { id: 'a' }] }],
  [/^outbox must be one of { path }, { redis } and { postgres }, got {}/, { outbox: {} }],
  [/^outbox must be one of/, { outbox: { path: 'a', redis: 'redis://a' } }],
  [/^outbox has no option "file"/, { outbox: { file: 'a' } }],
  [/^outbox\.path must be a non-empty string/, { outbox: { path: '' } }],
  [/^outbox\.redis must be a URL, got '127\.0\.0\.1'/, { outbox: { redis: '127.0.0.1' } }],
  [/^outbox\.prefix must be left out without redis/, { outbox: { path: 'a', prefix: 'b' } }],
  [/^outbox\.schema must be left out without postgres/, { outbox: { path: 'a', schema: 'b' } }],
  [/^latency must be a number from 0/, { latency: -1 }],
  [/^latency must be a number from 0/, { latency: Number.NaN }],
  [/^latency must be a number from 20/, { latency: [20, 10] }],
  [/^commission must be a function, { percent } or { flat }/, { commission: {} }],
  [/^commission must be/, { commission: { percent: 1, flat: 1 } }],
  [/^commission\.percent must be a number from 0 to 100/, { commission: { percent: 200 } }],
  [/^commission\.flat must be/, { commission: { flat: -1 } }],
  [/^program must be true or false/, { program: 'yes' }],
  [/^tokenLifetime must be/, { tokenLifetime: -1 }],
  [/^appUrl must be an http: or https: URL/, { appUrl: 'javascript:alert(1)' }],
  [/^appUrl must be/, { appUrl: '/' }],
  [/^https must be true or left out with http2/, { https: false, http2: true }],
  [/^allowedHosts\[0\] must be/, { allowedHosts: [1] }],
  [/^data must be/, { data: '' }],
  [/^maxRequests must be/, { maxRequests: 0 }],
  [/^seed must be/, { seed: 1.5 }],
];

for (const [message, options] of MISUSE) {
  test(`misuse: ${message.source}`, async () => {
    await assert.rejects(startBriefly(options), (error) => {
      assert.ok(error instanceof SandboxError);
      assert.equal(error.code, 'INVALID_OPTION');
      assert.match(error.message, message);
      return true;
    });
  });
}

/** @type {Array<[message: RegExp, kind: 'fail' | 'drop' | 'delay' | 'reply', options: any]>} */
const FAULT_MISUSE = [
  [/^The options of fail must be an object/, 'fail', 429],
  [/^The options of drop has no option "status"/, 'drop', { status: 500 }],
  [/^on must be one of lead, sale, token, any, got 'sales'/, 'fail', { on: 'sales' }],
  [/^status must be a whole number from 400 to 599/, 'fail', { status: 200 }],
  [/^status must be a whole number from 200 to 599/, 'reply', { status: 100 }],
  [/^times must be a whole number from 1/, 'fail', { times: 0 }],
  [/^times must be/, 'fail', { times: 1.5 }],
  [/^probability must be a number above 0 and up to 1/, 'fail', { probability: 0 }],
  [/^probability must be/, 'fail', { probability: 20 }],
  [/^when must be one of before, after, got 'during'/, 'fail', { when: 'during' }],
  [/^when must be one of before, after, during/, 'drop', { when: 'never' }],
  [/^enabled must be/, 'fail', { enabled: 1 }],
  [/^ms must be a number/, 'delay', {}],
  [/^ms must be a number/, 'delay', undefined],
  [/^retryAfter must be/, 'fail', { retryAfter: -1 }],
  [/^headers\["retry-after"\] must be/, 'fail', { retryAfter: 'soon\r\n' }],
  [/^code must be/, 'fail', { code: '' }],
  [/^headers must be an object/, 'fail', { headers: 'x' }],
  [/^headers\["a b"\] must be a header that HTTP allows/, 'reply', { headers: { 'a b': 'c' } }],
  [/^headers\["a"\] must be a header that HTTP allows/, 'reply', { headers: { a: 'c\r\nd: e' } }],
  [/^body must be something that JSON can hold/, 'reply', { body: 1n }],
];

for (const [message, kind, options] of FAULT_MISUSE) {
  test(`misuse of ${kind}: ${message.source}`, async (t) => {
    const { sandbox } = await startSandbox(t);
    assert.throws(() => sandbox[kind](options), { name: 'SandboxError', code: 'INVALID_OPTION', message });
    assert.deepEqual(sandbox.faults, []);
  });
}

test('a click that is known already cannot be added', async (t) => {
  const { sandbox } = await startSandbox(t);
  assert.throws(() => sandbox.addClick('click_1'), { code: 'INVALID_OPTION', message: /click_1/ });
  // @ts-expect-error -- misuse on purpose
  assert.throws(() => sandbox.addClick(), { code: 'INVALID_OPTION' });
});

test('clickId is the first click with a link', async (t) => {
  const { sandbox } = await startSandbox(t, { clicks: [{ id: 'a', link: null }, 'b', 'c'] });
  assert.equal(sandbox.clickId, 'b');
  assert.deepEqual(
    sandbox.clicks.map(({ id, partner }) => [id, partner]),
    [
      ['a', null],
      ['b', 'ada'],
      ['c', 'ada'],
    ],
  );
});

/** @type {Array<[rule: import('refport/testing').CommissionRule | undefined, amount: number, commission: number]>} */
const COMMISSIONS = [
  [undefined, 4900, 980],
  [{ percent: 12.5 }, 999, 125],
  [{ percent: 0 }, 999, 0],
  [{ flat: 500 }, 4900, 500],
  [
    ({ amount, currency, params, click }) => (currency === 'usd' && click.id === params.clickId ? amount / 3 : 0),
    100,
    33,
  ],
];

for (const [rule, amount, commission] of COMMISSIONS) {
  test(`commission by ${typeof rule === 'function' ? 'a function' : JSON.stringify(rule)}`, async (t) => {
    const { sale } = await startSandbox(t, { commission: rule });
    assert.equal((await sale({ amount })).body.sale.commissionAmount, commission);
    assert.equal((await sale({ amount, clickId: 'click_unlinked' })).body.sale.commissionAmount, 0);
  });
}

test('a commission function that fails is told to the caller, and nothing is recorded', async (t) => {
  const { sandbox, sale } = await startSandbox(t, { commission: () => Number.NaN });
  const { status, body } = await sale();
  assert.equal(status, 500);
  assert.deepEqual(body.error, {
    code: 'SANDBOX_ERROR',
    message: 'The commission function must return a number, got NaN',
  });
  assert.equal(sandbox.sales.length, 0);
});

test('import and require give the same', async () => {
  const imported = await import('refport/testing');
  for (const [name, value] of Object.entries(testing)) assert.equal(Reflect.get(imported, name), value, name);
});
