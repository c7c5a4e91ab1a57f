const { Refport, RefportRateLimitError, RefportTimeoutError, RefportValidationError } = require('refport');
const { createSandbox } = require('refport/testing');
const { Shop } = require('./shop.js');

let sandbox;
let shop;

beforeAll(async () => {
  sandbox = await createSandbox();
  shop = new Shop(new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url, maxRetries: 0, timeout: 500 }));
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

const signUp = (clickId) => {
  const request = new Request('https://shop.example', { headers: { cookie: `refp_id=${clickId}` } });
  return shop.signUp(request, { id: 'user_1', email: 'grace@example.com' });
};

test('the API does not know the click', async () => {
  await expect(signUp('click_of_last_year')).rejects.toThrow(RefportValidationError);
});

test('the API refuses for too many requests', async () => {
  sandbox.fail({ status: 429, retryAfter: 30 });
  await expect(signUp(sandbox.clickId)).rejects.toThrow(RefportRateLimitError);
});

test('the API does not answer', async () => {
  sandbox.delay({ ms: 60_000 });
  await expect(signUp(sandbox.clickId)).rejects.toThrow(RefportTimeoutError);
});
