'use strict';

// The same payment, as Stripe's API versions tell it: the same sale, whatever it is made of.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { saleFromStripe } = require('refport/webhooks');
const { invoice, oldInvoice, session, stripeEvent } = require('../support/payments/stripe.js');

const amount = fc.integer({ min: 0, max: 99_999_999 });

/** What an invoice or a session is made of, in Stripe's unit. */
const payment = fc.record({
  goods: fc.integer({ min: 1, max: 99_999_999 }),
  tax: amount,
  shipping: amount,
  shippingTax: amount,
  currency: fc.constantFrom('usd', 'jpy', 'kwd', 'isk', 'ugx', 'mga', 'huf'),
});

/** @param {{ goods: number, tax: number, shipping: number, shippingTax: number, currency: string }} parts */
function fields({ goods, tax, shipping, shippingTax, currency }) {
  const total = goods + tax + shipping + shippingTax;
  return {
    total,
    totalTax: tax + shippingTax,
    shared: {
      currency,
      shipping_cost: { amount_subtotal: shipping, amount_tax: shippingTax, amount_total: shipping + shippingTax },
    },
  };
}

/** @param {string} currency @param {number} value in Stripe's unit */
function inSmallestUnit(currency, value) {
  if (currency === 'isk' || currency === 'ugx') return Math.round(value / 100);
  return currency === 'mga' ? value * 100 : value;
}

test('an invoice, before and since 2025-03-31.basil, without what it is before tax, and the session of a purchase', () => {
  fc.assert(
    fc.property(payment, fc.constantFrom('net', 'total'), (parts, option) => {
      const { total, totalTax, shared } = fields(parts);
      const totals = { total, amount_due: total, amount_paid: total, total_excluding_tax: total - totalTax };
      const sale = (/** @type {string} */ type, /** @type {object} */ object) =>
        saleFromStripe(stripeEvent(type, { ...object, ...shared }), { amount: /** @type {any} */ (option) });
      const amounts = [
        sale('invoice.paid', invoice(totals)),
        sale('invoice.paid', oldInvoice({ ...totals, tax: totalTax })),
        sale('invoice.payment_succeeded', oldInvoice({ ...totals, total_excluding_tax: undefined, tax: totalTax })),
        sale('invoice.paid', oldInvoice({ ...totals, amount_paid: 0, paid_out_of_band: true })),
        sale('checkout.session.completed', session({ amount_total: total, total_details: { amount_tax: totalTax } })),
      ].map((found) => found?.amount);
      const expected = inSmallestUnit(parts.currency, option === 'net' ? parts.goods : total);
      // Less than the smallest unit is nothing.
      assert.deepEqual(amounts, Array(5).fill(expected === 0 ? undefined : expected));
    }),
  );
});

test("what a customer's balance paid is left out of either amount, in proportion", () => {
  fc.assert(
    fc.property(payment, fc.double({ min: 0, max: 1, noNaN: true }), (parts, share) => {
      const { total, totalTax, shared } = fields({ ...parts, currency: 'usd' });
      const paid = Math.round(total * share);
      const totals = { ...shared, total, amount_paid: paid, total_excluding_tax: total - totalTax };
      const [net, whole] = /** @type {const} */ (['net', 'total']).map(
        (option) => saleFromStripe(stripeEvent('invoice.paid', invoice(totals)), { amount: option })?.amount ?? 0,
      );
      assert.equal(whole, paid);
      assert.ok(net <= whole && net <= parts.goods, `${net} of ${parts.goods}, ${whole} paid`);
      assert.ok(Math.abs(net - (parts.goods * paid) / total) <= 0.5000001, `${net}`);
    }),
  );
});
