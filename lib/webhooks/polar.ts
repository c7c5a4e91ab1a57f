import type { PolarEvent } from '../../types/webhooks.js';
import { eitherCase, field, shown, whole } from './fields.ts';
import { Ignored, notAnEvent } from './ignored.ts';
import { type Money, refundFrom } from './refund.ts';
import { type Payment, paidPart, saleFrom } from './sale.ts';

// Relies on https://polar.sh/docs/integrate/webhooks/events and https://polar.sh/docs/api-reference/webhooks/order.paid

const EXPECTED = 'the event that validateEvent returns';

function wrongArgument(event: unknown): Ignored {
  const isOrder = eitherCase(event, 'net_amount') !== undefined;
  return notAnEvent(event, EXPECTED, isOrder ? 'This is an order, perhaps event.data' : undefined);
}

/** @param event as sent, or as `validateEvent` returns it */
function readPolar(event: unknown): Payment | Ignored {
  const type = field(event, 'type');
  const order = field(event, 'data');
  if (typeof type !== 'string' || typeof order !== 'object') return wrongArgument(event);
  const subject = `${shown(type)} ${shown(field(order, 'id'))}`;
  // `order.created` comes before the payment, `order.updated` comes for refunds too.
  if (type !== 'order.paid') return new Ignored('not-a-payment', `${subject} is not order.paid.`);
  const total = whole(eitherCase(order, 'total_amount'));
  // The amount left to pay after the customer's balance. A negative balance, a debt from before, adds to it.
  const paid = Math.min(whole(eitherCase(order, 'due_amount') ?? total), total);
  const net = paidPart(whole(eitherCase(order, 'net_amount')), paid, total);
  return {
    subject,
    // Nothing in an order says whether it is from Polar's sandbox, which signs with a secret of its own.
    test: false,
    invoiceId: field(order, 'id'),
    currency: field(order, 'currency'),
    net: () => net,
    total: () => paid,
    // Polar copies a checkout's metadata to its order and its subscription, and a subscription's to its orders.
    metadata: [field(order, 'metadata'), field(order, 'subscription', 'metadata')],
  };
}

export const saleFromPolar = saleFrom<PolarEvent>('polar', readPolar);

function readPolarRefund(event: unknown): Money | null {
  if (field(event, 'type') !== 'order.refunded') return null;
  const order = field(event, 'data');
  return {
    invoiceId: field(order, 'id'),
    currency: field(order, 'currency'),
    amount: () => whole(eitherCase(order, 'refunded_amount')) + whole(eitherCase(order, 'refunded_tax_amount')),
    isFull: field(order, 'status') === 'refunded',
  };
}

export const refundFromPolar = refundFrom<PolarEvent>(readPolarRefund);
