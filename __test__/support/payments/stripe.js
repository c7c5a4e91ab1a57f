'use strict';

const Stripe = require('stripe');

/**
 * Events of Stripe in their documented shape, signed as Stripe signs them.
 * @module
 */

const SECRET = 'whsec_test';
// Never used to call Stripe: signatures are checked locally.
const stripe = new Stripe('sk_test_none');

/** @param {string} type @param {object} object @param {object} [event] */
const stripeEvent = (type, object, event) => ({
  id: 'evt_1Payment',
  object: 'event',
  api_version: '2025-09-30.clover',
  created: 1760000000,
  data: { object },
  livemode: true,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type,
  ...event,
});

/** A paid one-time purchase: 40.00 of goods less 5.00, 6.65 tax on goods, 4.00 + 0.76 shipping. */
const session = (more = {}) => ({
  id: 'cs_live_a1',
  object: 'checkout.session',
  amount_subtotal: 4000,
  amount_total: 4641,
  client_reference_id: null,
  created: 1760000000,
  currency: 'eur',
  customer: 'cus_1',
  customer_details: { email: 'grace@example.com', name: 'Grace Hopper', phone: null },
  invoice: null,
  invoice_creation: { enabled: false, invoice_data: { metadata: {} } },
  livemode: true,
  metadata: { refp_id: 'click_1', refp_customer_id: 'user_1' },
  mode: 'payment',
  payment_intent: 'pi_1',
  payment_status: 'paid',
  shipping_cost: { amount_subtotal: 400, amount_tax: 76, amount_total: 476, shipping_rate: 'shr_1' },
  status: 'complete',
  subscription: null,
  total_details: { amount_discount: 500, amount_shipping: 400, amount_tax: 741 },
  ...more,
});

/** The payment intent of that purchase, of a Payment Element or captured by hand. */
const intent = (more = {}) => ({
  id: 'pi_1',
  object: 'payment_intent',
  amount: 4641,
  amount_capturable: 0,
  amount_details: { tip: {} },
  amount_received: 4641,
  application_fee_amount: null,
  capture_method: 'automatic_async',
  currency: 'eur',
  customer: 'cus_1',
  latest_charge: 'ch_1',
  livemode: true,
  metadata: { refp_id: 'click_1', refp_customer_id: 'user_1' },
  status: 'succeeded',
  ...more,
});

/** The charge of that purchase, refunded. */
const charge = (more = {}) => ({
  id: 'ch_1',
  object: 'charge',
  amount: 4641,
  amount_captured: 4641,
  amount_refunded: 4641,
  currency: 'eur',
  livemode: true,
  metadata: {},
  paid: true,
  payment_intent: 'pi_1',
  refunded: true,
  status: 'succeeded',
  ...more,
});

/** A paid month of a subscription: 49.00 and 9.31 tax. */
const invoice = (more = {}) => ({
  id: 'in_1First',
  object: 'invoice',
  amount_due: 5831,
  amount_overpaid: 0,
  amount_paid: 5831,
  amount_remaining: 0,
  billing_reason: 'subscription_create',
  collection_method: 'charge_automatically',
  currency: 'eur',
  customer: 'cus_1',
  customer_email: 'grace@example.com',
  lines: {
    object: 'list',
    has_more: false,
    data: [
      {
        id: 'il_1',
        object: 'line_item',
        amount: 4900,
        currency: 'eur',
        metadata: {},
        parent: {
          type: 'subscription_item_details',
          subscription_item_details: { subscription: 'sub_1', subscription_item: 'si_1', proration: false },
        },
      },
    ],
  },
  livemode: true,
  metadata: {},
  parent: {
    type: 'subscription_details',
    quote_details: null,
    subscription_details: {
      subscription: 'sub_1',
      metadata: { refp_id: 'click_1', refp_customer_id: 'user_1' },
    },
  },
  shipping_cost: null,
  starting_balance: 0,
  status: 'paid',
  subtotal: 4900,
  total: 5831,
  total_excluding_tax: 4900,
  total_taxes: [{ amount: 931, tax_behavior: 'exclusive', taxable_amount: 4900, type: 'tax_rate_details' }],
  ...more,
});

/** The same invoice as API versions before 2025-03-31.basil send it. */
function oldInvoice(more = {}) {
  const { parent, total_taxes, ...rest } = invoice();
  const { subscription, metadata } = parent.subscription_details;
  return { ...rest, subscription, subscription_details: { metadata }, tax: 931, charge: 'ch_1', paid: true, ...more };
}

/** @param {object} event */
function signStripe(event, secret = SECRET) {
  const payload = JSON.stringify(event);
  return { payload, signature: stripe.webhooks.generateTestHeaderString({ payload, secret }) };
}

/** Signs an event and has Stripe's SDK verify it. */
function received(/** @type {object} */ event) {
  const { payload, signature } = signStripe(event);
  return stripe.webhooks.constructEvent(payload, signature, SECRET);
}

module.exports = { SECRET, charge, intent, invoice, oldInvoice, received, session, signStripe, stripeEvent };
