'use strict';

const { fromDecimal } = require('./currency.js');
const { field, list } = require('./fields.js');
const { saleFrom } = require('./sale.js');

/**
 * https://shopify.dev/docs/api/admin-rest/latest/resources/order and
 * https://shopify.dev/docs/api/webhooks/latest?reference=toml#list-of-topics-orders/paid say what is relied on here.
 * @module
 */

/**
 * @param {unknown} order
 * @param {string} name
 * @returns {unknown} the amount after edits of the order, if Shopify sent it
 */
const current = (order, name) => field(order, `current_${name}`) ?? field(order, name);

/**
 * @param {unknown} order
 * @param {string} currency
 */
function taxOfGoods(order, currency) {
  const taxes = list(field(order, 'shipping_lines')).flatMap((line) => list(field(line, 'tax_lines')));
  const shipping = taxes.reduce(
    (/** @type {number} */ sum, tax) => sum + fromDecimal(field(tax, 'price'), currency),
    0,
  );
  return Math.max(0, fromDecimal(current(order, 'total_tax'), currency) - shipping);
}

/**
 * @param {unknown} order
 * @param {string} currency
 */
function netOf(order, currency) {
  // Without shipping, duties and tips; without tax only where prices are.
  const goods = fromDecimal(current(order, 'subtotal_price'), currency);
  return field(order, 'taxes_included') === true ? goods - taxOfGoods(order, currency) : goods;
}

/** @param {unknown} order */
function orderId(order) {
  const id = field(order, 'id');
  const known = typeof id === 'number' || (typeof id === 'string' && id !== '');
  // `id` may have more digits than a JavaScript number holds.
  return field(order, 'admin_graphql_api_id') ?? (known ? `gid://shopify/Order/${id}` : undefined);
}

/**
 * @param {unknown} order the body of the webhook
 * @returns {import('./sale.js').Payment | null}
 */
function readShopify(order) {
  if (field(order, 'financial_status') !== 'paid' || field(order, 'cancelled_at')) return null;
  const attributes = list(field(order, 'note_attributes'));
  return {
    test: field(order, 'test') === true,
    invoiceId: orderId(order),
    // That of the shop, as all amounts that are not in a `…_set`.
    currency: field(order, 'currency'),
    net: (currency) => netOf(order, currency),
    total: (currency) => fromDecimal(current(order, 'total_price'), currency),
    metadata: [Object.fromEntries(attributes.map((entry) => [field(entry, 'name'), field(entry, 'value')]))],
  };
}

/** @type {typeof import('../../types/webhooks.js').saleFromShopify} */
const saleFromShopify = saleFrom('shopify', readShopify);

module.exports = { saleFromShopify };
