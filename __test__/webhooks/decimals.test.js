'use strict';

// Decimal amounts, as Shopify and RevenueCat send them, against integers that need no rounding.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const fc = require('fast-check');
const { saleFromRevenueCat, saleFromShopify } = require('refport/webhooks');
const { purchase } = require('../support/payments/revenuecat.js');
const { order } = require('../support/payments/shopify.js');

/** @type {[currency: string, digits: number][]} */
const currencies = [
  ['JPY', 0],
  ['USD', 2],
  ['KWD', 3],
  ['CLF', 4],
];

/** @param {number} amount in the smallest unit @param {number} digits */
function decimal(amount, digits) {
  const text = String(amount).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

const amounts = fc.integer({ min: 1, max: 999_999_999_999 });

test('a string of a decimal is converted exactly, whatever follows it', () => {
  fc.assert(
    fc.property(amounts, fc.constantFrom(...currencies), fc.nat(3), (amount, [currency, digits], zeros) => {
      const point = digits === 0 && zeros > 0 ? '.' : '';
      const current_subtotal_price = decimal(amount, digits) + point + '0'.repeat(zeros);
      assert.equal(saleFromShopify(order({ currency, current_subtotal_price }))?.amount, amount);
    }),
  );
});

test('a number is converted exactly', () => {
  fc.assert(
    fc.property(amounts, fc.constantFrom(...currencies), (amount, [currency, digits]) => {
      const price = JSON.parse(decimal(amount, digits));
      const event = purchase({ currency, price_in_purchased_currency: price, tax_percentage: 0 });
      assert.equal(saleFromRevenueCat(event)?.amount, amount);
    }),
  );
});
