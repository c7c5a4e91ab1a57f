import { Refport } from 'refport';
import { createSandbox } from 'refport/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Shop } from './shop.js';

let sandbox;
let shop;

beforeAll(async () => {
  sandbox = await createSandbox({ commission: { percent: 30 } });
  shop = new Shop(new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url }));
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

const requestOf = (clickId) => new Request('https://shop.example', { headers: { cookie: `refp_id=${clickId}` } });

test('the partner earns a commission', async () => {
  const { sale } = await shop.pay(requestOf(sandbox.clickId), { id: 'user_1' }, { invoiceId: 'inv_1', amount: 5000 });

  expect(sale).toMatchObject({ amount: 5000, currency: 'eur', commissionAmount: 1500, invoiceId: 'inv_1' });
});

test('a sale counts once, even when its answer is lost', async () => {
  sandbox.drop({ on: 'sale', when: 'after' });

  await shop.pay(requestOf(sandbox.clickId), { id: 'user_1' }, { invoiceId: 'inv_1', amount: 5000 });

  expect(sandbox.requests).toHaveLength(2);
  expect(sandbox.sales).toHaveLength(1);
});
