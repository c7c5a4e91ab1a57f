const { Refport } = require('refport');
const { createSandbox } = require('refport/testing');
const { Shop } = require('./shop.js');

let sandbox;
let shop;

beforeAll(async () => {
  sandbox = await createSandbox();
  shop = new Shop(new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url }));
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

test('a visitor from a partner becomes a lead', async () => {
  const request = new Request('https://shop.example', { headers: { cookie: `refp_id=${sandbox.clickId}` } });

  await shop.signUp(request, { id: 'user_1', email: 'grace@example.com' });

  expect(sandbox.leads).toHaveLength(1);
  expect(sandbox.leads[0].params).toEqual({
    clickId: sandbox.clickId,
    eventName: 'Sign up',
    customerExternalId: 'user_1',
    customerEmail: 'grace@example.com',
  });
});

test('any other visitor does not', async () => {
  await shop.signUp(new Request('https://shop.example'), { id: 'user_2', email: 'ada@example.com' });

  expect(sandbox.requests).toHaveLength(0);
});
