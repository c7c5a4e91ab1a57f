'use strict';

// One-time payments of Stripe: by Payment Element, captured by hand, by payment link; each counted once.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { attributionReference, saleFromStripe } = require('refport/webhooks');
const { intent, invoice, received, session, stripeEvent } = require('../support/payments/stripe.js');

const completed = 'checkout.session.completed';
const succeeded = 'payment_intent.succeeded';
const OWN = { clickId: 'click_db', customerExternalId: 'user_db' };

/** @param {string} type @param {object} object @param {object} [options] */
const sale = (type, object, options) => saleFromStripe(received(stripeEvent(type, object)), options);

test('an intent whose own metadata has the attribution', () => {
  assert.deepEqual(sale(succeeded, intent()), {
    clickId: 'click_1',
    customerExternalId: 'user_1',
    amount: 4641,
    currency: 'eur',
    invoiceId: 'pi_1',
    paymentProcessor: 'stripe',
  });
  assert.equal(sale(succeeded, intent(), OWN)?.clickId, 'click_db');
});

test('a session and its intent are one payment', () => {
  const id = sale(succeeded, intent())?.invoiceId;
  assert.equal(sale(completed, session())?.invoiceId, id);
  assert.equal(sale(completed, session({ payment_intent: intent() }))?.invoiceId, id);
  // Without an intent there is nothing else that it could be counted by.
  assert.equal(sale(completed, session({ payment_intent: null }))?.invoiceId, 'cs_live_a1');
});

test("the intent of a session or an invoice has not their metadata, and isn't counted, whatever the caller knows", () => {
  assert.equal(sale(succeeded, intent({ metadata: {} })), null);
  assert.equal(sale(succeeded, intent({ metadata: {} }), OWN), null);
  // Until 2025-02-24.acacia an intent names its invoice.
  assert.equal(sale(succeeded, intent({ invoice: 'in_1' })), null);
});

describe('the amount of an intent', () => {
  test('is what was captured', () => {
    assert.equal(sale(succeeded, intent({ amount_received: 2000 }))?.amount, 2000);
    assert.equal(sale(succeeded, intent({ amount_received: 2000 }), { amount: 'total' })?.amount, 2000);
    assert.equal(sale(succeeded, intent({ amount_received: 0 })), null);
  });

  test('is without tax, shipping and tip where the intent says what they are', () => {
    const amount_details = { tax: { total_tax_amount: 741 }, shipping: { amount: 300 }, tip: { amount: 100 } };
    assert.equal(sale(succeeded, intent({ amount_details }))?.amount, 3500);
    assert.equal(sale(succeeded, intent({ amount_details }), { amount: 'total' })?.amount, 4641);
    // Half of it was captured: 2320.5, and Stripe charges whole cents.
    assert.equal(sale(succeeded, intent({ amount_details, amount_received: 2321 }))?.amount, 1750);
  });
});

describe('client_reference_id', () => {
  const reference = attributionReference({ clickId: 'click_9', customerExternalId: 'user_9' });

  test('of a payment link is the attribution', () => {
    const { clickId, customerExternalId } =
      sale(completed, session({ metadata: {}, client_reference_id: reference })) ?? {};
    assert.deepEqual([clickId, customerExternalId], ['click_9', 'user_9']);
  });

  test("loses to the session's metadata", () => {
    assert.equal(sale(completed, session({ client_reference_id: reference }))?.clickId, 'click_1');
  });

  test('that the shop uses for something else is none', () => {
    for (const client_reference_id of ['user_9', 'refp__', 'refp__a__', 'refp__a_zz__b', `${reference}__c`, null]) {
      assert.equal(sale(completed, session({ metadata: {}, client_reference_id })), null, String(client_reference_id));
    }
  });
});

test('a debt of the customer from before, which an invoice collects, is not part of either amount', () => {
  const owed = invoice({ starting_balance: 1000, amount_due: 6831, amount_paid: 6831 });
  assert.equal(sale('invoice.paid', owed)?.amount, 4900);
  assert.equal(sale('invoice.paid', owed, { amount: 'total' })?.amount, 5831);
});
