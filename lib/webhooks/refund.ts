import type { Refund } from '../../types/webhooks.js';
import { currencyCode } from './currency.ts';

// Converts a refund, as a processor's reader returns it, to what names its sale.

/** Money that went back. */
export interface Money {
  /** That of the sale. */
  invoiceId: unknown;
  currency: unknown;
  /** In the smallest unit of the currency. */
  amount: (currency: string) => number;
  isFull: boolean;
}

export function refundFrom<Event>(read: (event: unknown) => Money | null): (event: Event) => Refund | null {
  return (event) => {
    try {
      return toRefund(read(event));
    } catch {
      // Properties that throw are not from a processor's event.
      return null;
    }
  };
}

function toRefund(money: Money | null): Refund | null {
  if (!money) return null;
  const { invoiceId, isFull } = money;
  const currency = currencyCode(money.currency);
  if (!currency || typeof invoiceId !== 'string' || invoiceId === '') return null;
  const amount = money.amount(currency);
  return amount > 0 ? { invoiceId, amount, currency, isFull } : null;
}
