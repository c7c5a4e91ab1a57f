import type { ShopifyOrder, ShopifyRefund } from '../../types/webhooks.js';
import { fromDecimal } from './currency.ts';
import { field, list, shown } from './fields.ts';
import { Ignored, notAnEvent } from './ignored.ts';
import { type Money, refundFrom } from './refund.ts';
import { type Payment, saleFrom } from './sale.ts';

// Relies on https://shopify.dev/docs/api/admin-rest/latest/resources/order,
// https://shopify.dev/docs/api/admin-rest/latest/resources/refund and
// https://shopify.dev/docs/api/webhooks/latest?reference=toml#list-of-topics-orders/paid

const EXPECTED = 'the body of an orders/paid webhook, parsed';

/** The amount after edits of the order, if Shopify sent it. */
const current = (order: unknown, name: string): unknown => field(order, `current_${name}`) ?? field(order, name);

const sum = (entries: readonly unknown[], name: string, currency: string): number =>
  entries.reduce((total: number, entry) => total + fromDecimal(field(entry, name), currency), 0);

function taxOfGoods(order: unknown, currency: string): number {
  const ofShipping = list(field(order, 'shipping_lines')).flatMap((line) => list(field(line, 'tax_lines')));
  return Math.max(0, fromDecimal(current(order, 'total_tax'), currency) - sum(ofShipping, 'price', currency));
}

/** Duties that are part of the prices. */
function includedDuties(order: unknown, currency: string): number {
  if (field(order, 'duties_included') !== true) return 0;
  const duties = field(order, 'current_total_duties_set') ?? field(order, 'original_total_duties_set');
  return fromDecimal(field(duties, 'shop_money', 'amount'), currency);
}

/** The amount paid for gift cards, which count when they are spent: an order paid with one has its full price. */
function giftCards(order: unknown, currency: string): number {
  const lines = list(field(order, 'line_items')).filter((line) => field(line, 'gift_card') === true);
  return lines.reduce((total: number, line) => total + priceOfLine(line, currency), 0);
}

/** The price of a line after discounts, for as many of its items as are left. */
function priceOfLine(line: unknown, currency: string): number {
  const quantity = countOf(field(line, 'quantity'));
  const left = countOf(field(line, 'current_quantity') ?? quantity);
  if (quantity === 0 || left === 0) return 0;
  const allocations = list(field(line, 'discount_allocations'));
  const discount =
    allocations.length > 0
      ? sum(allocations, 'amount', currency)
      : fromDecimal(field(line, 'total_discount'), currency);
  const price = fromDecimal(field(line, 'price'), currency) * quantity - discount;
  return Math.round(Math.max(0, price) * (left / quantity));
}

const countOf = (value: unknown): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;

function netOf(order: unknown, currency: string): number {
  // Without shipping and tips; without tax and duties only where prices are.
  const goods = fromDecimal(current(order, 'subtotal_price'), currency);
  const tax = field(order, 'taxes_included') === true ? taxOfGoods(order, currency) : 0;
  return goods - tax - includedDuties(order, currency) - giftCards(order, currency);
}

/** @param id of the order as a number, which may have more digits than JavaScript's numbers hold */
function orderId(graphqlId: unknown, id: unknown): unknown {
  const isKnown = typeof id === 'number' || (typeof id === 'string' && id !== '');
  return graphqlId ?? (isKnown ? `gid://shopify/Order/${id}` : undefined);
}

function wrongArgument(order: unknown): Ignored {
  const hint = typeof field(order, 'payload') === 'object' ? 'The order is in payload' : undefined;
  return notAnEvent(order, EXPECTED, hint);
}

/** @param order the body of the webhook */
function readShopify(order: unknown): Payment | Ignored {
  const invoiceId = orderId(field(order, 'admin_graphql_api_id'), field(order, 'id'));
  const status = field(order, 'financial_status');
  if (field(order, 'order_id') !== undefined && status === undefined) {
    return new Ignored('not-a-payment', 'This is a refund or a transaction of an order, not an order.');
  }
  if (typeof status !== 'string') return wrongArgument(order);
  const subject = `Order ${shown(invoiceId)}`;
  if (status !== 'paid') return new Ignored('not-paid', `${subject}: its financial_status is ${shown(status)}.`);
  if (field(order, 'cancelled_at')) return new Ignored('not-paid', `${subject} is cancelled.`);
  const attributes = list(field(order, 'note_attributes'));
  return {
    subject,
    test: field(order, 'test') === true,
    invoiceId,
    // That of the shop, as all amounts that are not in a `…_set`.
    currency: field(order, 'currency'),
    net: (currency) => netOf(order, currency),
    total: (currency) => fromDecimal(current(order, 'total_price'), currency) - giftCards(order, currency),
    metadata: [Object.fromEntries(attributes.map((entry) => [field(entry, 'name'), field(entry, 'value')]))],
  };
}

export const saleFromShopify = saleFrom<ShopifyOrder>('shopify', readShopify);

/** Transactions in which money went back. */
const refunded = (refund: unknown): readonly unknown[] =>
  list(field(refund, 'transactions')).filter(
    (transaction) => field(transaction, 'kind') === 'refund' && field(transaction, 'status') === 'success',
  );

function readShopifyRefund(body: unknown): Money | null {
  const isOrder = field(body, 'financial_status') !== undefined;
  const transactions = isOrder ? list(field(body, 'refunds')).flatMap(refunded) : refunded(body);
  // The customer's currency, if that is not the shop's.
  const currency = field(transactions[0], 'currency') ?? field(body, 'currency');
  return {
    invoiceId: isOrder
      ? orderId(field(body, 'admin_graphql_api_id'), field(body, 'id'))
      : orderId(undefined, field(body, 'order_id')),
    currency,
    amount: (code) => sum(transactions, 'amount', code),
    isFull: isOrder && field(body, 'financial_status') === 'refunded',
  };
}

export const refundFromShopify = refundFrom<ShopifyOrder | ShopifyRefund>(readShopifyRefund);
