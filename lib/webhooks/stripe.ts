import type { StripeEvent } from '../../types/webhooks.js';
import { hasClickId, metadataOfReference } from './attribution.ts';
import { exponentOf } from './currency.ts';
import { field, idOf, list, shown, whole } from './fields.ts';
import { Ignored, notAnEvent } from './ignored.ts';
import { type Money, refundFrom } from './refund.ts';
import { type Payment, paidPart, saleFrom } from './sale.ts';

// Relies on https://docs.stripe.com/api/events/types, https://docs.stripe.com/payments/checkout/fulfillment,
// https://docs.stripe.com/api/invoices/object, https://docs.stripe.com/api/payment_intents/object,
// https://docs.stripe.com/currencies and
// https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices

/** The digits after the decimal point in Stripe's amounts, where they are not those of ISO 4217. */
const STRIPE_EXPONENTS = new Map([
  // Whole units by ISO 4217, hundredths for Stripe: "to charge 5 ISK, provide an amount value of 500".
  ['isk', 2],
  ['ugx', 2],
  // The other way round: Stripe lists the ariary as a zero-decimal currency.
  ['mga', 0],
]);

/**
 * @param amount in Stripe's unit
 * @param currency in lower case
 * @returns in the smallest unit of ISO 4217
 */
function toSmallestUnit(amount: number, currency: string): number {
  const digits = exponentOf(currency);
  return Math.round(amount * 10 ** (digits - (STRIPE_EXPONENTS.get(currency) ?? digits)));
}

/** A payment as one object of Stripe shows it, amounts in Stripe's unit. */
interface StripePayment {
  invoiceId: unknown;
  net: number;
  total: number;
  metadata: readonly unknown[];
}

type Reader = (object: unknown, subject: string) => StripePayment | Ignored;

/** @param shipping `shipping_cost` of a session or an invoice */
const shippingBeforeTax = (shipping: unknown): number =>
  whole(field(shipping, 'amount_total')) - whole(field(shipping, 'amount_tax'));

function fromSession(session: unknown, subject: string): StripePayment | Ignored {
  const mode = field(session, 'mode');
  if (mode === 'subscription') {
    // The first payment of a subscription has an invoice as its renewals have.
    return new Ignored('not-a-payment', `${subject} begins a subscription, which is counted by invoice.paid.`);
  }
  if (mode !== 'payment') return new Ignored('not-a-payment', `${subject}: its mode is ${shown(mode)}.`);
  const status = field(session, 'payment_status');
  if (status !== 'paid') return new Ignored('not-paid', `${subject}: its payment_status is ${shown(status)}.`);
  const total = whole(field(session, 'amount_total'));
  const tax = whole(field(session, 'total_details', 'amount_tax'));
  return {
    invoiceId: idOf(field(session, 'payment_intent')) ?? field(session, 'id'),
    net: total - tax - shippingBeforeTax(field(session, 'shipping_cost')),
    total,
    metadata: [field(session, 'metadata'), metadataOfReference(field(session, 'client_reference_id'))],
  };
}

/**
 * Sessions and invoices are paid through intents too, so only the intent's own metadata makes it a sale: Stripe copies
 * neither a session's nor a subscription's metadata to it.
 */
function fromIntent(intent: unknown, subject: string): StripePayment | Ignored {
  // Until 2025-02-24.acacia. Later versions do not name the invoice.
  const invoice = field(intent, 'invoice');
  if (invoice) return new Ignored('not-a-payment', `${subject} pays an invoice, which is counted by itself.`);
  const metadata = field(intent, 'metadata');
  if (!hasClickId(metadata)) {
    const counted = 'payments of a Checkout Session or a subscription are counted by their session or invoice';
    return new Ignored('not-referred', `${subject}: its own metadata has no attribution; ${counted}.`);
  }
  const amount = whole(field(intent, 'amount'));
  const received = whole(field(intent, 'amount_received'));
  const details = field(intent, 'amount_details');
  const passedThrough =
    whole(field(details, 'tax', 'total_tax_amount')) +
    whole(field(details, 'shipping', 'amount')) +
    whole(field(details, 'tip', 'amount'));
  return {
    invoiceId: field(intent, 'id'),
    // A manual capture may take less than was authorized.
    net: paidPart(amount - passedThrough, received, amount),
    total: received,
    metadata: [metadata],
  };
}

function invoiceBeforeTax(invoice: unknown): number {
  const stated = field(invoice, 'total_excluding_tax');
  if (Number.isSafeInteger(stated)) return whole(stated);
  // Invoices of API versions before 2022-08-01.
  return whole(field(invoice, 'total')) - whole(field(invoice, 'tax'));
}

/** The part of the invoice's own total that was paid. `amount_paid` may include an earlier debt of the customer. */
function amountPaid(invoice: unknown): number {
  // By bank transfer for example. Since 2025-03-31.basil it is part of `amount_paid`, and the flag is gone.
  const isOutOfBand = field(invoice, 'paid_out_of_band') === true;
  const paid = whole(field(invoice, isOutOfBand ? 'amount_due' : 'amount_paid'));
  return Math.min(paid, whole(field(invoice, 'total')));
}

function fromInvoice(invoice: unknown, subject: string): StripePayment | Ignored {
  // `subscription` was moved into `parent` in 2025-03-31.basil.
  const subscription =
    field(invoice, 'parent', 'subscription_details', 'subscription') ?? field(invoice, 'subscription');
  if (!subscription) {
    const why = 'of no subscription: it was made by hand, or for a session, which is counted by itself';
    return new Ignored('not-a-payment', `${subject} is ${why}.`);
  }
  const status = field(invoice, 'status');
  if (status !== 'paid') return new Ignored('not-paid', `${subject}: its status is ${shown(status)}.`);
  const paid = amountPaid(invoice);
  const net = invoiceBeforeTax(invoice) - shippingBeforeTax(field(invoice, 'shipping_cost'));
  return {
    invoiceId: field(invoice, 'id'),
    net: paidPart(net, paid, whole(field(invoice, 'total'))),
    total: paid,
    metadata: [
      field(invoice, 'metadata'),
      field(invoice, 'parent', 'subscription_details', 'metadata'),
      // Until 2025-02-24.acacia, filled since June 2023.
      field(invoice, 'subscription_details', 'metadata'),
      // In any version: lines of a subscription carry its metadata.
      ...list(field(invoice, 'lines', 'data')).map((line) => field(line, 'metadata')),
    ],
  };
}

/** The two events of an invoice have one `invoiceId`, and so have a session and its intent. */
const READERS: ReadonlyMap<unknown, Reader> = new Map<unknown, Reader>([
  ['checkout.session.completed', fromSession],
  ['checkout.session.async_payment_succeeded', fromSession],
  ['payment_intent.succeeded', fromIntent],
  ['invoice.paid', fromInvoice],
  ['invoice.payment_succeeded', fromInvoice],
]);

const EXPECTED = 'the event that stripe.webhooks.constructEvent returns';

function wrongArgument(event: unknown): Ignored {
  const object = field(event, 'object');
  if (typeof object === 'string' && object !== 'event') {
    return notAnEvent(event, EXPECTED, `This is an object (${shown(object)}), perhaps event.data.object`);
  }
  if (typeof field(object, 'object') === 'string') return notAnEvent(event, EXPECTED, 'This is event.data');
  return notAnEvent(event, EXPECTED);
}

/** Event, object and, on a Connect platform, the connected account. */
function subjectOf(event: unknown): string {
  const account = field(event, 'account');
  const of = account === undefined || account === null ? '' : ` of account ${shown(account)}`;
  return `${shown(field(event, 'type'))} ${shown(field(event, 'data', 'object', 'id'))}${of}`;
}

function readStripe(event: unknown): Payment | Ignored {
  const type = field(event, 'type');
  const object = field(event, 'data', 'object');
  if (typeof type !== 'string' || typeof object !== 'object' || object === null) return wrongArgument(event);
  const subject = subjectOf(event);
  const read = READERS.get(type);
  if (!read) return new Ignored('not-a-payment', `${subject} is not one of the events that report a payment.`);
  const payment = read(object, subject);
  if (payment instanceof Ignored) return payment;
  return {
    subject,
    test: field(event, 'livemode') !== true,
    invoiceId: payment.invoiceId,
    currency: field(object, 'currency'),
    net: (currency) => toSmallestUnit(payment.net, currency),
    total: (currency) => toSmallestUnit(payment.total, currency),
    metadata: payment.metadata,
  };
}

export const saleFromStripe = saleFrom<StripeEvent>('stripe', readStripe);

function readStripeRefund(event: unknown): Money | null {
  if (field(event, 'type') !== 'charge.refunded') return null;
  const charge = field(event, 'data', 'object');
  return {
    // Until 2025-02-24.acacia a charge names its invoice, by which subscriptions are counted.
    invoiceId: idOf(field(charge, 'invoice')) ?? idOf(field(charge, 'payment_intent')),
    currency: field(charge, 'currency'),
    amount: (currency) => toSmallestUnit(whole(field(charge, 'amount_refunded')), currency),
    isFull: field(charge, 'refunded') === true,
  };
}

export const refundFromStripe = refundFrom<StripeEvent>(readStripeRefund);
