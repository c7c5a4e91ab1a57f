import { Operation } from '../client/operations.ts';
import { checkParams } from '../client/params.ts';

export type CallName = 'lead' | 'sale';

/** A conversion that is to be recorded, checked as `refport.track` would check it. */
export interface Conversion {
  /** The caller's, or derived from the invoice; undefined: the store makes a random one. */
  readonly id: string | undefined;
  readonly call: CallName;
  /** JSON text, as it will be sent. */
  readonly params: string;
  /** `customerExternalId`: entries of one customer are sent in order. */
  readonly customer: string;
  /** Whether the API counts it once however often it arrives. */
  readonly isIdempotent: boolean;
  /** Whether its owner would rather count it twice than not at all. */
  readonly retryAmbiguous: boolean;
  /** Delivery starts at this time, not earlier. */
  readonly deliverAt: Date | undefined;
}

interface CheckedConversion {
  /** Derived from the invoice; undefined without one. */
  readonly id: string | undefined;
  readonly params: string;
  readonly customer: string;
  readonly isIdempotent: boolean;
}

/** Checks the parameters of a conversion, with the same errors as a call. */
export function checkConversion(call: CallName, given: unknown): CheckedConversion {
  const { text, fields, isIdempotent } = checkParams(Operation[call], given);
  const { customerExternalId, invoiceId } = fields;
  return {
    id: isIdempotent ? `sale:${invoiceId}` : undefined,
    params: text,
    customer: String(customerExternalId),
    isIdempotent,
  };
}
