'use strict';

const { createHmac, randomUUID } = require('node:crypto');
const { webhooks } = require('@polar-sh/sdk/2026-10');

/**
 * Events of Polar in their documented shape, signed as Polar signs them (Standard Webhooks).
 * @module
 */

const SECRET = 'polar_whs_test';
const DATE = '2026-01-01T00:00:00Z';
const ORDER_ID = '57107b74-8400-4d80-a2fc-54c2b4239cb3';

const product = {
  id: 'b3a4b5c6-0000-4000-8000-000000000001',
  created_at: DATE,
  modified_at: null,
  name: 'Pro',
  description: null,
  recurring_interval: 'month',
  recurring_interval_count: 1,
  meter_interval: null,
  meter_interval_count: null,
  trial_interval: null,
  trial_interval_count: null,
  is_recurring: true,
  is_archived: false,
  visibility: 'public',
  organization_id: 'b3a4b5c6-0000-4000-8000-000000000002',
  metadata: {},
};

const customer = {
  id: 'b3a4b5c6-0000-4000-8000-000000000003',
  created_at: DATE,
  modified_at: null,
  metadata: {},
  external_id: 'user_1',
  email: 'grace@example.com',
  email_verified: true,
  type: 'individual',
  name: 'Grace Hopper',
  billing_name: null,
  billing_address: null,
  tax_id: null,
  organization_id: 'b3a4b5c6-0000-4000-8000-000000000002',
  deleted_at: null,
  avatar_url: 'https://example.com/a.png',
};

const subscription = (more = {}) => ({
  id: 'b3a4b5c6-0000-4000-8000-000000000004',
  created_at: DATE,
  modified_at: null,
  amount: 4900,
  currency: 'usd',
  recurring_interval: 'month',
  recurring_interval_count: 1,
  status: 'active',
  current_period_start: DATE,
  current_period_end: '2026-02-01T00:00:00Z',
  current_meter_period_start: null,
  current_meter_period_end: null,
  pause_at_period_end: false,
  paused_at: null,
  resumes_at: null,
  trial_start: null,
  trial_end: null,
  cancel_at_period_end: false,
  canceled_at: null,
  started_at: DATE,
  ends_at: null,
  ended_at: null,
  customer_id: customer.id,
  product_id: product.id,
  discount_id: null,
  checkout_id: null,
  customer_cancellation_reason: null,
  customer_cancellation_comment: null,
  metadata: {},
  ...more,
});

/** A month of a subscription: 49.00 less 10.00 and 7.41 tax. */
const order = (more = {}) => ({
  id: ORDER_ID,
  created_at: DATE,
  modified_at: null,
  status: 'paid',
  paid: true,
  subtotal_amount: 4900,
  discount_amount: 1000,
  net_amount: 3900,
  tax_amount: 741,
  total_amount: 4641,
  applied_balance_amount: 0,
  due_amount: 4641,
  refunded_amount: 0,
  refunded_tax_amount: 0,
  currency: 'usd',
  billing_reason: 'subscription_create',
  billing_name: null,
  billing_address: null,
  invoice_number: 'POLAR-0001',
  is_invoice_generated: false,
  receipt_number: null,
  seats: null,
  customer_id: customer.id,
  product_id: product.id,
  discount_id: null,
  subscription_id: subscription().id,
  checkout_id: null,
  metadata: { refp_id: 'click_1', refp_customer_id: 'user_1' },
  custom_field_data: {},
  platform_fee_amount: 0,
  platform_fee_currency: null,
  customer,
  product,
  discount: null,
  subscription: subscription(),
  items: [],
  description: 'Pro',
  refundable_amount: 3900,
  refundable_tax_amount: 741,
  ...more,
});

/** @param {string} type @param {object} data */
const polarEvent = (type, data) => ({ type, timestamp: DATE, data });

/** @param {object} event */
function signPolar(event, secret = SECRET) {
  const payload = JSON.stringify(event);
  const id = randomUUID();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${payload}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
  return { payload, headers };
}

/** Signs an event and has Polar's SDK verify it. */
async function received(/** @type {object} */ event) {
  const { payload, headers } = signPolar(event);
  return webhooks.validateEvent(payload, headers, SECRET);
}

/** The same with the SDK before 1.0, which renames every field. */
async function receivedByOldSdk(/** @type {object} */ event) {
  const { validateEvent } = await import('polar-sdk-v0/webhooks');
  const { payload, headers } = signPolar(event);
  return validateEvent(payload, headers, SECRET);
}

module.exports = { SECRET, ORDER_ID, order, polarEvent, received, receivedByOldSdk, signPolar, subscription };
