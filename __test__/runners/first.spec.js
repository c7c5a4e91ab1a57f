'use strict';

const { createSandbox } = require('../../testing.js');

// Run by Vitest and by Jest, see ../sandbox-runners.test.js; both define these.
const { beforeAll, afterAll, afterEach, expect, test } = globalThis;

let sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.reset());

const pay = (amount) =>
  fetch(`${sandbox.url}/api/track/sale`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clickId: sandbox.clickId, customerExternalId: 'user_1', amount }),
  });

for (const amount of [1, 2, 3]) {
  test(`a test sees its own sale of ${amount} alone`, async () => {
    const waiting = sandbox.waitForSale();
    await pay(amount);
    expect((await waiting).params.amount).toBe(amount);
    expect(sandbox.sales).toHaveLength(1);
  });
}

test('faults', async () => {
  sandbox.fail({ on: 'sale', status: 429 });
  expect((await pay(1)).status).toBe(429);
  expect((await pay(1)).status).toBe(200);
});

test('misuse', () => {
  expect(() => sandbox.fail({ status: 1 })).toThrow(/status must be/);
});

test('disposal', async () => {
  const other = await createSandbox({ http2: true });
  await other[Symbol.asyncDispose]();
});
