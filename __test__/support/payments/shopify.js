'use strict';

const { createHmac } = require('node:crypto');

/**
 * Orders of Shopify in their documented shape, signed as Shopify signs them.
 * @module
 */

const SECRET = 'shpss_test';

/** 40.00 of goods less 5.00, prices without tax: 6.65 tax on goods, 4.00 shipping and 0.76 tax on it. */
const order = (more = {}) => ({
  id: 5551234567890,
  admin_graphql_api_id: 'gid://shopify/Order/5551234567890',
  cancelled_at: null,
  confirmed: true,
  created_at: '2026-01-01T00:00:00-05:00',
  currency: 'EUR',
  current_subtotal_price: '35.00',
  current_total_discounts: '5.00',
  current_total_price: '46.41',
  current_total_tax: '7.41',
  email: 'grace@example.com',
  financial_status: 'paid',
  line_items: [
    {
      id: 1,
      price: '40.00',
      quantity: 1,
      tax_lines: [{ price: '6.65', rate: 0.19, title: 'VAT' }],
      total_discount: '5.00',
    },
  ],
  name: '#1001',
  note_attributes: [
    { name: 'gift', value: 'no' },
    { name: 'refp_id', value: 'click_1' },
    { name: 'refp_customer_id', value: 'user_1' },
  ],
  order_number: 1001,
  presentment_currency: 'EUR',
  shipping_lines: [
    { id: 2, price: '4.00', tax_lines: [{ price: '0.76', rate: 0.19, title: 'VAT' }], title: 'Standard' },
  ],
  subtotal_price: '35.00',
  taxes_included: false,
  test: false,
  total_price: '46.41',
  total_tax: '7.41',
  ...more,
});

/** The money of the order above, given back, as it is in `refunds/create` and in an order's `refunds`. */
const refund = (more = {}, transaction = {}) => ({
  id: 5091,
  order_id: 5551234567890,
  created_at: '2026-01-10T00:00:00-05:00',
  note: null,
  refund_line_items: [],
  order_adjustments: [],
  transactions: [
    {
      id: 1068278,
      order_id: 5551234567890,
      kind: 'refund',
      status: 'success',
      amount: '46.41',
      currency: 'EUR',
      gateway: 'shopify_payments',
      test: false,
      ...transaction,
    },
  ],
  ...more,
});

/** @param {object} body */
function signShopify(body, secret = SECRET) {
  const payload = JSON.stringify(body);
  const headers = {
    'x-shopify-api-version': '2026-07',
    'x-shopify-hmac-sha256': createHmac('sha256', secret).update(payload).digest('base64'),
    'x-shopify-shop-domain': 'shop.myshopify.com',
    'x-shopify-topic': 'orders/paid',
    'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
  };
  return { payload, headers };
}

module.exports = { SECRET, order, refund, signShopify };
