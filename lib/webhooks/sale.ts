import { debug } from '#platform';
import type { PaymentProcessor, TrackSaleParams } from '../../index.js';
import type { SaleOptions } from '../../types/webhooks.js';
import { readAttribution } from './attribution.ts';
import { currencyCode } from './currency.ts';
import { field, shown } from './fields.ts';
import { Ignored } from './ignored.ts';

// Converts a payment, as a processor's reader returns it, to a sale.

/** A completed payment. */
export interface Payment {
  /** Event and object, for `detail`. */
  subject: string;
  /** Whether no money changed hands. */
  test: boolean;
  /** The same in every event about this payment. */
  invoiceId: unknown;
  currency: unknown;
  /** In the smallest unit, without tax and shipping. */
  net: (currency: string) => number;
  /** In the smallest unit: all that was paid for this. */
  total: (currency: string) => number;
  /** Objects that may hold the attribution. */
  metadata: readonly unknown[];
}

export function saleFrom<Event>(
  paymentProcessor: PaymentProcessor,
  read: (event: unknown) => Payment | Ignored,
): (event: Event, options?: SaleOptions) => TrackSaleParams | null {
  return (event, options) => {
    const result = attempt(paymentProcessor, read, event, options);
    if (!(result instanceof Ignored)) return result;
    const { reason, detail } = result;
    debug(`${paymentProcessor} webhook ignored: ${reason}. ${detail}`);
    const onIgnored = listener(options);
    onIgnored?.(reason, detail);
    return null;
  };
}

function attempt(
  paymentProcessor: PaymentProcessor,
  read: (event: unknown) => Payment | Ignored,
  event: unknown,
  options: unknown,
): TrackSaleParams | Ignored {
  try {
    const payment = read(event);
    return payment instanceof Ignored ? payment : toSale(paymentProcessor, payment, options);
  } catch {
    return new Ignored('not-an-event', 'Reading a property of the event or the options throws.');
  }
}

function listener(options: unknown): SaleOptions['onIgnored'] {
  try {
    const onIgnored = field(options, 'onIgnored');
    return typeof onIgnored === 'function' ? (reason, detail) => void onIgnored(reason, detail) : undefined;
  } catch {
    return undefined;
  }
}

function toSale(paymentProcessor: PaymentProcessor, payment: Payment, options: unknown): TrackSaleParams | Ignored {
  const { invoiceId, subject } = payment;
  if (payment.test && field(options, 'includeTest') !== true) {
    return new Ignored('test', `${subject} is a test purchase: it counts with includeTest: true.`);
  }
  const who = readAttribution(payment.metadata, options);
  if (typeof who === 'string') return new Ignored('not-referred', `${subject}: ${who}.`);
  const currency = currencyCode(payment.currency);
  if (!currency) return new Ignored('not-an-event', `${subject}: the currency is ${shown(payment.currency)}.`);
  if (typeof invoiceId !== 'string' || invoiceId === '') {
    return new Ignored('not-an-event', `${subject}: the id is ${shown(invoiceId)}.`);
  }
  const amount = field(options, 'amount') === 'total' ? payment.total(currency) : payment.net(currency);
  // Also false for what is not a number.
  if (!(amount > 0)) return new Ignored('nothing-paid', `${subject}: the amount is ${shown(amount)}.`);
  return { ...who, amount, currency, invoiceId, paymentProcessor };
}

/**
 * The part of an amount that was paid when a customer's balance covered the rest. What went into a balance was counted
 * when it was paid.
 *
 * @param total what `paid` would be if nothing had been covered
 */
export const paidPart = (amount: number, paid: number, total: number): number =>
  paid < total ? Math.round(amount * (paid / total)) : amount;
