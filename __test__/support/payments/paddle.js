'use strict';

const { createHmac } = require('node:crypto');
const { Paddle } = require('@paddle/paddle-node-sdk');

/**
 * Events of Paddle Billing in their documented shape, signed as Paddle signs them.
 * @module
 */

const SECRET = 'pdl_ntfset_test';
const paddle = new Paddle('pdl_live_none');

/** A month of a subscription: 49.00 less 10.00 and 7.41 tax. */
const transaction = (more = {}, totals = {}) => ({
  id: 'txn_01first',
  status: 'completed',
  customer_id: 'ctm_01',
  address_id: 'add_01',
  business_id: null,
  custom_data: { refp_id: 'click_1', refp_customer_id: 'user_1' },
  currency_code: 'EUR',
  origin: 'web',
  subscription_id: 'sub_01',
  invoice_id: 'inv_01',
  invoice_number: '74-10001',
  collection_mode: 'automatic',
  discount_id: 'dsc_01',
  billing_details: null,
  billing_period: { starts_at: '2026-01-01T00:00:00Z', ends_at: '2026-02-01T00:00:00Z' },
  items: [],
  details: {
    tax_rates_used: [],
    totals: {
      subtotal: '4900',
      discount: '1000',
      tax: '741',
      total: '4641',
      credit: '0',
      credit_to_balance: '0',
      balance: '0',
      grand_total: '4641',
      grand_total_tax: '741',
      fee: '282',
      earnings: '3618',
      currency_code: 'EUR',
      ...totals,
    },
    adjusted_totals: null,
    payout_totals: null,
    adjusted_payout_totals: null,
    line_items: [],
  },
  payments: [],
  checkout: { url: null },
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:10Z',
  billed_at: '2026-01-01T00:00:05Z',
  revised_at: null,
  ...more,
});

/** All of the transaction above, refunded. */
const adjustment = (more = {}) => ({
  id: 'adj_01',
  action: 'refund',
  type: 'full',
  transaction_id: 'txn_01first',
  subscription_id: 'sub_01',
  customer_id: 'ctm_01',
  reason: 'requested_by_customer',
  credit_applied_to_balance: null,
  currency_code: 'EUR',
  status: 'approved',
  items: [],
  totals: { subtotal: '3900', tax: '741', total: '4641', fee: '282', earnings: '3618', currency_code: 'EUR' },
  payout_totals: null,
  tax_rates_used: [],
  created_at: '2026-01-10T00:00:00Z',
  updated_at: '2026-01-10T00:00:00Z',
  ...more,
});

/** @param {string} type @param {object} data @param {object} [event] */
const paddleEvent = (type, data, event) => ({
  event_id: 'evt_01payment',
  event_type: type,
  occurred_at: '2026-01-01T00:00:10Z',
  notification_id: 'ntf_01payment',
  data,
  ...event,
});

/** @param {object} event */
function signPaddle(event, secret = SECRET) {
  const payload = JSON.stringify(event);
  const timestamp = Math.floor(Date.now() / 1000);
  const hash = createHmac('sha256', secret).update(`${timestamp}:${payload}`).digest('hex');
  return { payload, signature: `ts=${timestamp};h1=${hash}` };
}

/** Signs an event and has Paddle's SDK verify it. */
async function received(/** @type {object} */ event) {
  const { payload, signature } = signPaddle(event);
  return paddle.webhooks.unmarshal(payload, SECRET, signature);
}

module.exports = { SECRET, adjustment, paddleEvent, received, signPaddle, transaction };
