'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { saleFromStripe } = require('refport/webhooks');
const { invoice, oldInvoice, received, session, stripeEvent } = require('../support/payments/stripe.js');

/** @param {string} type @param {object} object @param {object} [options] */
const sale = (type, object, options) => saleFromStripe(received(stripeEvent(type, object)), options);

const completed = 'checkout.session.completed';
const WHO = { clickId: 'click_1', customerExternalId: 'user_1' };

test('a one-time purchase', () => {
  const expected = { ...WHO, amount: 3500, currency: 'eur', invoiceId: 'pi_1', paymentProcessor: 'stripe' };
  assert.deepEqual(sale(completed, session()), expected);
});

test('a purchase whose payment takes days is counted once it has arrived', () => {
  assert.equal(sale(completed, session({ payment_status: 'unpaid' })), null);
  assert.equal(sale('checkout.session.async_payment_succeeded', session())?.invoiceId, 'pi_1');
  assert.equal(sale('checkout.session.async_payment_failed', session({ payment_status: 'unpaid' })), null);
});

test('the first payment of a subscription is counted by its invoice, not by its session', () => {
  assert.equal(sale(completed, session({ mode: 'subscription', subscription: 'sub_1', invoice: 'in_1First' })), null);
  const expected = { ...WHO, amount: 4900, currency: 'eur', invoiceId: 'in_1First', paymentProcessor: 'stripe' };
  assert.deepEqual(sale('invoice.paid', invoice()), expected);
});

test('a one-time purchase with an invoice is counted by its session, not by its invoice', () => {
  const object = session({ invoice: 'in_1', invoice_creation: { enabled: true, invoice_data: {} } });
  assert.equal(sale(completed, object)?.invoiceId, 'pi_1');
  const own = { clickId: 'click_db', customerExternalId: 'user_db' };
  assert.equal(sale('invoice.paid', invoice({ parent: null, billing_reason: 'manual' }), own), null);
});

test('each renewal is a sale of its own, and both events of an invoice are the same', () => {
  const renewal = invoice({ id: 'in_2Renewal', billing_reason: 'subscription_cycle' });
  assert.equal(sale('invoice.paid', renewal)?.invoiceId, 'in_2Renewal');
  assert.deepEqual(sale('invoice.payment_succeeded', renewal), sale('invoice.paid', renewal));
});

describe('the attribution of a subscription', () => {
  const METADATA = { refp_id: 'click_1', refp_customer_id: 'user_1' };
  const line = { id: 'il_1', object: 'line_item', amount: 4900, metadata: METADATA };

  /** @type {[string, object][]} */
  const versions = [
    ['since 2025-03-31.basil', invoice()],
    ['before', oldInvoice()],
    [
      'before June 2023, in the lines',
      oldInvoice({ subscription_details: { metadata: null }, lines: { data: [line] } }),
    ],
    ["in the invoice's own metadata", oldInvoice({ subscription_details: null, metadata: METADATA })],
  ];
  for (const [version, object] of versions) {
    test(version, () => {
      const { clickId, customerExternalId, amount } = sale('invoice.paid', object) ?? {};
      assert.deepEqual({ clickId, customerExternalId, amount }, { ...WHO, amount: 4900 });
    });
  }
});

describe('the amount', () => {
  /** @param {object} object @param {object} [options] */
  const ofInvoice = (object, options) => sale('invoice.paid', object, options)?.amount;

  test('is without tax and shipping, or everything', () => {
    assert.equal(sale(completed, session())?.amount, 3500);
    assert.equal(sale(completed, session(), { amount: 'total' })?.amount, 4641);
    const shipped = { shipping_cost: { amount_subtotal: 400, amount_tax: 0, amount_total: 400 } };
    assert.equal(ofInvoice(invoice({ ...shipped, total: 6231, amount_paid: 6231, total_excluding_tax: 5300 })), 4900);
    assert.equal(ofInvoice(invoice(), { amount: 'total' }), 5831);
  });

  test('is worked out for versions that do not say what it is without tax', () => {
    assert.equal(ofInvoice(oldInvoice({ total_excluding_tax: undefined })), 4900);
  });

  test('leaves out what a credit balance paid', () => {
    // Half of the total: 2915.5 was due, and Stripe charges whole cents.
    assert.equal(ofInvoice(invoice({ starting_balance: -2915, amount_due: 2916, amount_paid: 2916 })), 2450);
    assert.equal(ofInvoice(invoice({ starting_balance: -9000, amount_due: 0, amount_paid: 0 })), undefined);
  });

  test('has in it what was paid outside of Stripe, whatever the version calls it', () => {
    assert.equal(ofInvoice(invoice({ amount_paid: 5831, payments: { data: [] } })), 4900);
    assert.equal(ofInvoice(oldInvoice({ amount_paid: 0, amount_remaining: 5831, paid_out_of_band: true })), 4900);
  });

  test('leaves out what the customer owed from before', () => {
    assert.equal(ofInvoice(invoice({ starting_balance: 1000, amount_due: 6831, amount_paid: 6831 })), 4900);
  });
});

test('null for what is no payment', () => {
  assert.equal(sale(completed, session({ mode: 'setup', payment_status: 'no_payment_required' })), null);
  assert.equal(sale(completed, session({ amount_total: 0, total_details: null, shipping_cost: null })), null);
  // A trial starts with an invoice of nothing.
  assert.equal(sale('invoice.paid', invoice({ total: 0, total_excluding_tax: 0, amount_paid: 0 })), null);
  assert.equal(sale('invoice.paid', invoice({ status: 'open' })), null);
  for (const type of [
    'invoice.finalized',
    'invoice.payment_failed',
    // What it pays is in the event of the invoice.
    'invoice_payment.paid',
    'charge.succeeded',
    'charge.refunded',
    'customer.created',
  ]) {
    assert.equal(sale(type, invoice()), null, type);
  }
});

test('a test purchase counts where it is asked for', () => {
  const event = received(stripeEvent(completed, session(), { livemode: false }));
  assert.equal(saleFromStripe(event), null);
  assert.equal(saleFromStripe(event, { includeTest: true })?.amount, 3500);
});

describe('the smallest unit by ISO 4217', () => {
  /** @type {[currency: string, stripe: number, iso: number][]} */
  const amounts = [
    ['usd', 1000, 1000],
    ['jpy', 4900, 4900],
    ['kwd', 4900, 4900],
    // Hundredths for Stripe, whole units by ISO.
    ['isk', 50000, 500],
    ['ugx', 50000, 500],
    // Zero-decimal for Stripe, hundredths by ISO.
    ['mga', 500, 50000],
    // Special for payouts only.
    ['huf', 1000, 1000],
    ['twd', 1000, 1000],
  ];
  for (const [currency, stripe, iso] of amounts) {
    test(currency, () => {
      const object = session({ currency, amount_total: stripe, total_details: null, shipping_cost: null });
      const { amount, currency: written } = sale(completed, object) ?? {};
      assert.deepEqual({ amount, written }, { amount: iso, written: currency });
    });
  }
});
