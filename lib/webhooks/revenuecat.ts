import type { RevenueCatEvent } from '../../types/webhooks.js';
import { fromDecimal } from './currency.ts';
import { field, shown } from './fields.ts';
import { Ignored, notAnEvent } from './ignored.ts';
import { type Money, refundFrom } from './refund.ts';
import { type Payment, saleFrom } from './sale.ts';

// Relies on https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields

/** The events in which money comes in. */
const PURCHASES: ReadonlySet<unknown> = new Set(['INITIAL_PURCHASE', 'RENEWAL', 'NON_RENEWING_PURCHASE']);

const EXPECTED = 'the body of the webhook, parsed';

/** Between 0 and 1; 0 where RevenueCat doesn't know. */
function taxShare(event: unknown): number {
  const share = field(event, 'tax_percentage');
  return typeof share === 'number' && share >= 0 && share < 1 ? share : 0;
}

/** @param attributes `subscriber_attributes`: each is an object with a `value` */
function values(attributes: unknown): Record<string, unknown> {
  const entries = typeof attributes === 'object' && attributes !== null ? Object.entries(attributes) : [];
  return Object.fromEntries(entries.map(([name, attribute]) => [name, field(attribute, 'value')]));
}

function wrongArgument(body: unknown): Ignored {
  const isInner = typeof field(body, 'type') === 'string';
  return notAnEvent(body, EXPECTED, isInner ? 'This is the event inside of the body' : undefined);
}

/** @param body the body of the webhook */
function readRevenueCat(body: unknown): Payment | Ignored {
  const event = field(body, 'event');
  const type = field(event, 'type');
  if (typeof type !== 'string') return wrongArgument(body);
  const subject = `${shown(type)} ${shown(field(event, 'transaction_id'))}`;
  if (!PURCHASES.has(type)) return new Ignored('not-a-payment', `${subject} is no purchase or renewal.`);
  if (field(event, 'is_family_share') === true) {
    return new Ignored('not-a-payment', `${subject} is shared with a family member, who paid nothing.`);
  }
  const total = (currency: string): number => fromDecimal(field(event, 'price_in_purchased_currency'), currency);
  return {
    subject,
    test: field(event, 'environment') !== 'PRODUCTION',
    invoiceId: field(event, 'transaction_id'),
    currency: field(event, 'currency'),
    net: (currency) => Math.round(total(currency) * (1 - taxShare(event))),
    total,
    metadata: [values(field(event, 'subscriber_attributes'))],
  };
}

export const saleFromRevenueCat = saleFrom<RevenueCatEvent>('revenuecat', readRevenueCat);

/** A refund is a cancellation with a negative price; other cancellations end a subscription later. */
function readRevenueCatRefund(body: unknown): Money | null {
  const event = field(body, 'event');
  const price = field(event, 'price_in_purchased_currency');
  if (field(event, 'type') !== 'CANCELLATION' || typeof price !== 'number' || !(price < 0)) return null;
  return {
    invoiceId: field(event, 'transaction_id'),
    currency: field(event, 'currency'),
    amount: (currency) => fromDecimal(-price, currency),
    isFull: true,
  };
}

export const refundFromRevenueCat = refundFrom<RevenueCatEvent>(readRevenueCatRefund);
