/**
 * From a payment processor's webhook to a sale: pure functions without dependencies, for any runtime. They verify no
 * signature: that is for the processor's own SDK, before.
 *
 * @packageDocumentation
 */

import type { TrackSaleParams } from '../index.js';

/** Whose purchase it is, and which click led to it. */
export interface Attribution {
  /**
   * Click that led here, as `getClickIdFromRequest` returns it. Without one, or with one that is longer than 500
   * characters and so isn't one, there is nothing to attribute.
   */
  clickId: string | null | undefined;
  /** Your own id of the customer: 1 to 500 characters. */
  customerExternalId: string;
}

/**
 * What to store with a payment so that its webhooks lead back to the click: for `metadata` (Stripe, Polar),
 * `custom_data` (Paddle), cart or note attributes (Shopify), subscriber attributes (RevenueCat).
 *
 * @param who - the customer and their click
 * @returns `{ refp_id, refp_customer_id }`, or `{}` if nobody referred them: spread it in either case
 * @throws {RefportValidationError} if `customerExternalId` is not a string of 1 to 500 characters
 */
export function attribution(who: Attribution): Record<string, string>;

/**
 * The attribution as one string, for Stripe's `client_reference_id`: the only thing that a page can pass to a payment link, a buy button
 * or a pricing table. It has at most 200 characters of `A-Z`, `a-z`, `0-9`, `_` and `-`; `saleFromStripe` reads it from sessions in
 * `payment` mode.
 *
 * @param who - the customer and their click
 * @returns the reference; `undefined` if nobody referred them, or the click id is too long
 * @throws {RefportValidationError} if `customerExternalId` is not a string of 1 to 500 characters, or takes more than 120 in the
 *   reference, where each byte other than a letter, a digit or `-` takes three
 */
export function attributionReference(who: Attribution): string | undefined;

/**
 * Reads what {@link attributionReference} wrote.
 *
 * @param reference - a session's `client_reference_id`
 * @returns click and customer; `null` if it is no such reference. Never throws
 */
export function attributionFromReference(
  reference: string | null | undefined,
): { clickId: string; customerExternalId: string } | null;

/**
 * Why an event gave no sale:
 *
 * - `'not-an-event'`: the argument is something else, such as the raw body
 * - `'not-a-payment'`: an event about something else, or whose payment another event reports
 * - `'not-paid'`: the payment is not complete, or it was cancelled
 * - `'nothing-paid'`: a trial, a free order, or all of it was covered by a balance
 * - `'test'`: a test purchase, without `includeTest`
 * - `'not-referred'`: there is no attribution
 */
export type IgnoredReason = 'not-an-event' | 'not-a-payment' | 'not-paid' | 'nothing-paid' | 'test' | 'not-referred';

/** Second argument of every `saleFrom…` function. */
export interface SaleOptions {
  /** Click that led to the purchase, if you keep it yourself. Wins over what the event carries. */
  clickId?: string | null | undefined;
  /** Your own id of the customer, if you keep it yourself. Wins over what the event carries. */
  customerExternalId?: string | null | undefined;
  /**
   * Which amount to report. `'net'` is what partners are usually paid on, the price of the goods after discounts:
   * tax and shipping pass through the merchant's hands. `'total'` is everything the customer paid. Neither is reduced by
   * the processor's or the store's fees.
   *
   * @defaultValue `'net'`
   */
  amount?: 'net' | 'total' | undefined;
  /**
   * Whether test purchases count, in which no money changes hands: for development and tests, against the sandbox.
   *
   * @defaultValue `false`
   */
  includeTest?: boolean | undefined;
  /**
   * Called if there is no sale. `NODE_DEBUG=refport` logs the same. What it throws, the function throws.
   *
   * @param reason - why
   * @param detail - a sentence with the event's type, its object's id and, on a Connect platform, the connected account; no personal data
   */
  onIgnored?: ((reason: IgnoredReason, detail: string) => void) | undefined;
}

/** Money that went back to a customer. */
export interface Refund {
  /** That of the sale: what `outbox.discard` of a default id and your own records know it by. */
  invoiceId: string;
  /** All that went back, with tax and shipping, in the smallest unit of the currency. */
  amount: number;
  /** ISO 4217 code in lower case. */
  currency: string;
  /** Whether nothing is left of the payment. `false` also where the event doesn't say. */
  isFull: boolean;
}

/** An event of Stripe, as `stripe.webhooks.constructEvent` returns it. */
export interface StripeEvent {
  /** Such as `'invoice.paid'`. */
  type: string;
  /** `false` for events of a sandbox or in test mode. */
  livemode: boolean;
  /** What happened to which object. */
  data: { object: object };
}

/**
 * The sale that an event of Stripe reports. Never throws.
 *
 * - Counted: `checkout.session.completed` and `checkout.session.async_payment_succeeded` of a paid session in `payment`
 *   mode; `payment_intent.succeeded` of an intent whose own `metadata` has the attribution (Payment Element, manual capture);
 *   `invoice.paid` (or `invoice.payment_succeeded`) of a subscription, the first as each renewal. A session in
 *   `subscription` mode is not: its invoice is.
 * - `invoiceId` is the id of the invoice, for one-time payments that of the payment intent, in the session's events too.
 * - The attribution is read from the session's `metadata`, then its `client_reference_id` (see {@link attributionReference}); from
 *   the intent's `metadata`; or from the subscription's as the invoice shows it: in
 *   `parent.subscription_details.metadata` (since API version 2025-03-31.basil), in `subscription_details.metadata`
 *   (before), in its lines. So put it into `metadata`, `payment_intent_data.metadata` or `subscription_data.metadata` of a session,
 *   whichever its mode takes.
 * - `'net'` is the total less tax and shipping, of an intent as far as its `amount_details` says; what a customer's credit balance
 *   paid isn't counted, what was paid outside of Stripe is. A debt from before, which is paid with an invoice, isn't part of either
 *   amount.
 * - Amounts are converted from Stripe's unit where it is not that of ISO 4217: ISK, UGX and MGA.
 *
 * @see https://docs.stripe.com/payments/checkout/fulfillment
 * @see https://docs.stripe.com/api/invoices/object
 * @see https://docs.stripe.com/currencies
 * @param event - the verified event
 * @param options - attribution of your own, which amount, test purchases
 * @returns what to pass to `refport.track.sale`; `null` for any other event, where nothing was paid, `livemode` is not
 *   `true` (unless `includeTest`) or nobody referred the customer
 */
export function saleFromStripe(event: StripeEvent, options?: SaleOptions): TrackSaleParams | null;

/**
 * The refund that `charge.refunded` of Stripe reports. Never throws.
 *
 * - `amount` is all that was refunded of the charge so far.
 * - `invoiceId` is the payment intent. For a subscription, whose sales have their invoice's id, it is the invoice only until API version
 *   2025-02-24.acacia: later ones don't say it, and `stripe.invoicePayments.list` does.
 *
 * @see https://docs.stripe.com/api/charges/object
 * @param event - the verified event
 * @returns the refund; `null` for any other event
 */
export function refundFromStripe(event: StripeEvent): Refund | null;

/** An event of Paddle Billing, as `paddle.webhooks.unmarshal` returns it or as it was sent. */
export type PaddleEvent = { eventType: string; data: object } | { event_type: string; data: object };

/**
 * The sale that an event of Paddle Billing reports. Never throws.
 *
 * - Counted: `transaction.completed` and `transaction.paid`, of which you may subscribe to either or both: one-time
 *   purchases, first payments and renewals.
 * - `invoiceId` is the id of the transaction (`txn_…`).
 * - The attribution is read from the transaction's `custom_data`, which Paddle copies to the subscription and on to its
 *   renewals.
 * - `'net'` is the total less tax; what a customer's credit paid isn't counted.
 * - Test purchases are events of the webhook simulator. Those of a sandbox account carry no mark: they are signed
 *   with its own secret, which a server for live payments doesn't have.
 *
 * @see https://developer.paddle.com/webhooks/transactions/transaction-completed
 * @see https://developer.paddle.com/build/transactions/custom-data
 * @param event - the verified event
 * @param options - attribution of your own, which amount, test purchases
 * @returns what to pass to `refport.track.sale`; `null` for any other event, where nothing was paid, of the simulator
 *   (unless `includeTest`) or if nobody referred the customer
 */
export function saleFromPaddle(event: PaddleEvent, options?: SaleOptions): TrackSaleParams | null;

/**
 * The refund or chargeback that `adjustment.created` or `adjustment.updated` of Paddle reports, once it is approved. Never throws.
 *
 * `amount` is that of this adjustment, of which a transaction may have several; `isFull` means one for the grand total.
 *
 * @see https://developer.paddle.com/webhooks/adjustments/adjustment-updated
 * @param event - the verified event
 * @returns the refund; `null` for any other event
 */
export function refundFromPaddle(event: PaddleEvent): Refund | null;

/** An event of Polar, as `validateEvent` returns it or as it was sent. */
export interface PolarEvent {
  /** Such as `'order.paid'`. */
  type: string;
  /** The object it is about. */
  data: object;
}

/**
 * The sale that an event of Polar reports. Never throws.
 *
 * - Counted: `order.paid`: one-time purchases, first payments, renewals and upgrades.
 * - `invoiceId` is the id of the order.
 * - The attribution is read from the order's `metadata`, to which Polar copies that of the checkout, and from its
 *   subscription's.
 * - `'net'` is `net_amount`, the price after discounts and before tax; what a customer's balance paid isn't counted.
 *   `'total'` is at most the order's own total: a debt from before, which is paid with it, isn't part of it.
 * - Orders of Polar's sandbox carry no mark: they are signed with its own secret, which a server for live payments
 *   doesn't have. So `includeTest` changes nothing here.
 *
 * @see https://polar.sh/docs/integrate/webhooks/events
 * @see https://polar.sh/docs/api-reference/webhooks/order.paid
 * @param event - the verified event
 * @param options - attribution of your own, which amount
 * @returns what to pass to `refport.track.sale`; `null` for any other event, where nothing was paid or nobody referred
 *   the customer
 */
export function saleFromPolar(event: PolarEvent, options?: SaleOptions): TrackSaleParams | null;

/**
 * The refund that `order.refunded` of Polar reports. Never throws.
 *
 * `amount` is all that was refunded of the order so far.
 *
 * @see https://polar.sh/docs/api-reference/webhooks/order.refunded
 * @param event - the verified event
 * @returns the refund; `null` for any other event
 */
export function refundFromPolar(event: PolarEvent): Refund | null;

/** What is read of an order of Shopify, the body of its `orders/…` webhooks. */
export interface ShopifyOrder {
  id?: number | string | null | undefined;
  admin_graphql_api_id?: string | null | undefined;
  financial_status?: string | null | undefined;
  cancelled_at?: string | null | undefined;
  test?: boolean | null | undefined;
  currency?: string | null | undefined;
  taxes_included?: boolean | null | undefined;
  subtotal_price?: string | number | null | undefined;
  current_subtotal_price?: string | number | null | undefined;
  total_price?: string | number | null | undefined;
  current_total_price?: string | number | null | undefined;
  total_tax?: string | number | null | undefined;
  current_total_tax?: string | number | null | undefined;
  duties_included?: boolean | null | undefined;
  current_total_duties_set?: object | null | undefined;
  original_total_duties_set?: object | null | undefined;
  line_items?: readonly object[] | null | undefined;
  shipping_lines?: readonly object[] | null | undefined;
  note_attributes?: readonly object[] | null | undefined;
  refunds?: object | null | undefined;
}

/** What is read of a refund of Shopify, the body of its `refunds/create` webhooks. */
export interface ShopifyRefund {
  order_id?: number | string | null | undefined;
  transactions?: object | null | undefined;
}

/**
 * The sale that an order of Shopify is. Never throws.
 *
 * - Counted: an order that is `paid` and not cancelled. The topic `orders/paid` is the one to subscribe to.
 * - `invoiceId` is the order's `admin_graphql_api_id`.
 * - The attribution is read from `note_attributes`, which are the attributes of the cart. A subscription app makes the
 *   orders of renewals: where it doesn't copy them, pass `clickId` and `customerExternalId` yourself.
 * - `'net'` is the subtotal: after discounts, without shipping, tips, tax and duties, be the prices with or without them.
 *   Amounts are in the shop's currency.
 * - Gift cards don't count when they are bought, in either amount; an order that is paid with one counts in full.
 *
 * @see https://shopify.dev/docs/api/admin-rest/latest/resources/order
 * @param order - the body of the verified webhook, parsed
 * @param options - attribution of your own, which amount, test purchases
 * @returns what to pass to `refport.track.sale`; `null` for anything else, where nothing was paid, for an order with
 *   `test: true` (unless `includeTest`) or if nobody referred the customer
 */
export function saleFromShopify(order: ShopifyOrder, options?: SaleOptions): TrackSaleParams | null;

/**
 * The refund of an order of Shopify. Never throws.
 *
 * - Of an `orders/updated` webhook, `amount` is all that was refunded of the order so far. This is the topic to subscribe to.
 * - Of a `refunds/create` webhook, it is that of this refund, and `isFull` is `false`: it doesn't say what is left.
 *
 * @see https://shopify.dev/docs/api/admin-rest/latest/resources/refund
 * @param body - the body of the verified webhook, parsed
 * @returns the refund; `null` if no money went back
 */
export function refundFromShopify(body: ShopifyOrder | ShopifyRefund): Refund | null;

/** The body of RevenueCat's webhooks. */
export interface RevenueCatEvent {
  /** Version of the body. */
  api_version?: string | null | undefined;
  /** What happened. */
  event?: object | null | undefined;
}

/**
 * The sale that an event of RevenueCat reports. Never throws.
 *
 * - Counted: `INITIAL_PURCHASE`, `RENEWAL` and `NON_RENEWING_PURCHASE` with a price: no trials, no purchases shared
 *   with a family.
 * - `invoiceId` is the store's `transaction_id`.
 * - The attribution is read from `subscriber_attributes`, which RevenueCat sends with every event.
 * - The amount is `price_in_purchased_currency`; `'net'` is without the tax that RevenueCat estimates
 *   (`tax_percentage`), and before the store's commission.
 *
 * @see https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields
 * @param body - the body of the webhook, parsed
 * @param options - attribution of your own, which amount, test purchases
 * @returns what to pass to `refport.track.sale`; `null` for any other event, where nothing was paid, if `environment` is
 *   not `PRODUCTION` (unless `includeTest`) or if nobody referred the customer
 */
export function saleFromRevenueCat(body: RevenueCatEvent, options?: SaleOptions): TrackSaleParams | null;

/**
 * The refund that a `CANCELLATION` of RevenueCat with a negative price is. Never throws.
 *
 * @see https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields
 * @param body - the body of the webhook, parsed
 * @returns the refund, always a full one; `null` for any other event
 */
export function refundFromRevenueCat(body: RevenueCatEvent): Refund | null;
