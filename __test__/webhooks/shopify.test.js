'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
require('@shopify/shopify-api/adapters/node');
const { ApiVersion, LogSeverity, shopifyApi } = require('@shopify/shopify-api');
const { saleFromShopify } = require('refport/webhooks');
const { order, SECRET, signShopify } = require('../support/payments/shopify.js');

/** Signs an order and has Shopify's SDK verify it. */
async function received(/** @type {object} */ body) {
  const shopify = shopifyApi({
    apiKey: 'key',
    apiSecretKey: SECRET,
    apiVersion: ApiVersion.July26,
    hostName: 'shop.example.com',
    isEmbeddedApp: false,
    logger: { level: LogSeverity.Error },
  });
  const { payload, headers } = signShopify(body);
  const rawRequest = { method: 'POST', url: '/webhooks', headers };
  const { valid } = await shopify.webhooks.validate({ rawBody: payload, rawRequest });
  if (!valid) throw new Error('The signature is wrong.');
  return JSON.parse(payload);
}

const sale = async (more = {}, options = {}) => saleFromShopify(await received(order(more)), options);

test('a paid order', async () => {
  assert.deepEqual(await sale(), {
    clickId: 'click_1',
    customerExternalId: 'user_1',
    amount: 3500,
    currency: 'eur',
    invoiceId: 'gid://shopify/Order/5551234567890',
    paymentProcessor: 'shopify',
  });
});

test('every webhook about an order names it alike', async () => {
  const { invoiceId } = (await sale({ admin_graphql_api_id: undefined })) ?? {};
  assert.equal(invoiceId, (await sale())?.invoiceId);
});

describe('the amount', () => {
  test('is without tax and shipping where prices are without tax', async () => {
    assert.equal((await sale())?.amount, 3500);
  });

  test('is without tax and shipping where prices are with tax', async () => {
    const withTax = { subtotal_price: '41.65', current_subtotal_price: '41.65', taxes_included: true };
    assert.equal((await sale(withTax))?.amount, 3500);
  });

  test('is everything that was paid where that is asked for', async () => {
    assert.equal((await sale({}, { amount: 'total' }))?.amount, 4641);
  });

  test("is in the shop's currency, whatever the customer saw", async () => {
    const presentment_money = { amount: '38.10', currency_code: 'USD' };
    const shop_money = { amount: '35.00', currency_code: 'EUR' };
    const seen = { presentment_currency: 'USD', current_subtotal_price_set: { shop_money, presentment_money } };
    const { amount, currency } = (await sale(seen)) ?? {};
    assert.deepEqual([amount, currency], [3500, 'eur']);
  });

  test('is that after the order was edited', async () => {
    assert.equal((await sale({ current_subtotal_price: '20.00' }))?.amount, 2000);
    assert.equal((await sale({ current_subtotal_price: undefined }))?.amount, 3500);
  });

  test('is in the smallest unit of its currency, exactly', async () => {
    /** @type {[currency: string, price: string, amount: number][]} */
    const prices = [
      ['JPY', '4900', 4900],
      ['JPY', '4900.00', 4900],
      ['KWD', '4.900', 4900],
      ['USD', '4.99', 499],
      ['USD', '1.005', 101],
      ['USD', '9007199254740.99', 900719925474099],
    ];
    for (const [currency, price, amount] of prices) {
      assert.equal((await sale({ currency, current_subtotal_price: price }))?.amount, amount, `${price} ${currency}`);
    }
  });
});

describe('a gift card', () => {
  const card = { id: 3, gift_card: true, price: '50.00', quantity: 1, tax_lines: [], total_discount: '0.00' };
  const [goods] = order().line_items;
  const withCard = { line_items: [goods, card], current_subtotal_price: '85.00', current_total_price: '96.41' };

  test('does not count when it is bought', async () => {
    assert.equal((await sale(withCard))?.amount, 3500);
    assert.equal((await sale(withCard, { amount: 'total' }))?.amount, 4641);
    const alone = {
      line_items: [card],
      current_subtotal_price: '50.00',
      current_total_price: '50.00',
      shipping_lines: [],
    };
    assert.equal(await sale({ ...alone, current_total_tax: '0.00' }), null);
    assert.equal(await sale({ ...alone, current_total_tax: '0.00' }, { amount: 'total' }), null);
  });

  test('counts when it is spent', async () => {
    assert.equal((await sale({ payment_gateway_names: ['gift_card'] }))?.amount, 3500);
  });

  test('comes off as it was paid: after discounts, and as many as are left', async () => {
    const discounted = { ...card, discount_allocations: [{ amount: '5.00' }, { amount: '2.50' }] };
    const more = { line_items: [goods, discounted], current_subtotal_price: '77.50' };
    assert.equal((await sale(more))?.amount, 3500);
    const lineDiscount = { line_items: [goods, { ...card, total_discount: '10.00' }], current_subtotal_price: '75.00' };
    assert.equal((await sale(lineDiscount))?.amount, 3500);
    const three = { ...card, quantity: 3, current_quantity: 1, discount_allocations: [{ amount: '15.00' }] };
    assert.equal((await sale({ line_items: [goods, three], current_subtotal_price: '80.00' }))?.amount, 3500);
    const removed = { ...card, current_quantity: 0 };
    assert.equal((await sale({ line_items: [goods, removed] }))?.amount, 3500);
  });
});

describe('duties', () => {
  const current_total_duties_set = { shop_money: { amount: '6.00', currency_code: 'EUR' } };

  test('come off where prices are with them', async () => {
    const more = { duties_included: true, current_total_duties_set, current_subtotal_price: '41.00' };
    assert.equal((await sale(more))?.amount, 3500);
    const original = { ...more, current_total_duties_set: null, original_total_duties_set: current_total_duties_set };
    assert.equal((await sale(original))?.amount, 3500);
  });

  test('are not in the subtotal where prices are without them', async () => {
    assert.equal((await sale({ duties_included: false, current_total_duties_set }))?.amount, 3500);
    assert.equal((await sale({ current_total_duties_set }))?.amount, 3500);
  });
});

test('a guest, whose order has the click alone: Shopify gives every buyer an id', async () => {
  const guest = { note_attributes: [{ name: 'refp_id', value: 'click_1' }], customer: { id: 6940095 } };
  assert.equal(await sale(guest), null);
  const found = await sale(guest, { customerExternalId: '6940095' });
  assert.deepEqual([found?.clickId, found?.customerExternalId], ['click_1', '6940095']);
});

test('null for what is no payment', async () => {
  for (const financial_status of [
    'pending',
    'authorized',
    'partially_paid',
    'partially_refunded',
    'refunded',
    'voided',
  ]) {
    assert.equal(await sale({ financial_status }), null, financial_status);
  }
  assert.equal(await sale({ cancelled_at: '2026-01-02T00:00:00-05:00' }), null);
  assert.equal(await sale({ current_subtotal_price: '0.00' }), null);
  assert.equal(await sale({ note_attributes: [] }), null);
});

test('a test order counts where it is asked for', async () => {
  assert.equal(await sale({ test: true }), null);
  assert.equal((await sale({ test: true }, { includeTest: true }))?.amount, 3500);
});
