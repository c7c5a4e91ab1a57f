import type { PaddleEvent } from '../../types/webhooks.js';
import { eitherCase, field, shown } from './fields.ts';
import { Ignored, notAnEvent } from './ignored.ts';
import { type Money, refundFrom } from './refund.ts';
import { type Payment, paidPart, saleFrom } from './sale.ts';

// Relies on https://developer.paddle.com/webhooks/transactions/transaction-completed,
// https://developer.paddle.com/build/transactions/custom-data and
// https://developer.paddle.com/webhooks/adjustments/adjustment-updated

/** A transaction is paid first and completed a moment later; it is one sale. */
const PAID: ReadonlySet<unknown> = new Set(['transaction.paid', 'transaction.completed']);

const EXPECTED = 'the event that paddle.webhooks.unmarshal returns';

/** Paddle writes whole numbers of the smallest unit as strings. */
function amountOf(totals: unknown, name: string): number {
  const value = eitherCase(totals, name);
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : 0;
}

function wrongArgument(event: unknown): Ignored {
  const id = field(event, 'id');
  const isTransaction = typeof id === 'string' && id.startsWith('txn_');
  return notAnEvent(event, EXPECTED, isTransaction ? 'This is a transaction, perhaps event.data' : undefined);
}

/** @param event as sent, or as `webhooks.unmarshal` returns it */
function readPaddle(event: unknown): Payment | Ignored {
  const type = eitherCase(event, 'event_type');
  const transaction = field(event, 'data');
  if (typeof type !== 'string' || typeof transaction !== 'object') return wrongArgument(event);
  const subject = `${shown(type)} ${shown(field(transaction, 'id'))}`;
  if (!PAID.has(type)) return new Ignored('not-a-payment', `${subject} is not transaction.completed.`);
  const totals = field(transaction, 'details', 'totals');
  const total = amountOf(totals, 'total');
  // The amount left to pay after credits of the customer.
  const paid = amountOf(totals, 'grand_total');
  const net = paidPart(total - amountOf(totals, 'tax'), paid, total);
  return {
    subject,
    // Events of the simulator are named so; those of a sandbox account carry no mark.
    test: String(eitherCase(event, 'event_id')).startsWith('ntfsimevt_'),
    invoiceId: field(transaction, 'id'),
    currency: eitherCase(totals, 'currency_code') ?? eitherCase(transaction, 'currency_code'),
    net: () => net,
    total: () => paid,
    // Paddle copies it to the subscription, and from there to each renewal.
    metadata: [eitherCase(transaction, 'custom_data')],
  };
}

export const saleFromPaddle = saleFrom<PaddleEvent>('paddle', readPaddle);

/** Both take the money back; a `credit` reduces what a customer has to pay. */
const TAKES_BACK: ReadonlySet<unknown> = new Set(['refund', 'chargeback']);

function readPaddleRefund(event: unknown): Money | null {
  const type = eitherCase(event, 'event_type');
  if (type !== 'adjustment.created' && type !== 'adjustment.updated') return null;
  const adjustment = field(event, 'data');
  if (!TAKES_BACK.has(field(adjustment, 'action')) || field(adjustment, 'status') !== 'approved') return null;
  const totals = field(adjustment, 'totals');
  return {
    invoiceId: eitherCase(adjustment, 'transaction_id'),
    currency: eitherCase(totals, 'currency_code') ?? eitherCase(adjustment, 'currency_code'),
    amount: () => amountOf(totals, 'total'),
    isFull: field(adjustment, 'type') === 'full',
  };
}

export const refundFromPaddle = refundFrom<PaddleEvent>(readPaddleRefund);
