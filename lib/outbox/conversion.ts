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
  /** Not sent before. */
  readonly deliverAt: Date | undefined;
}

export interface CheckedConversion {
  readonly params: string;
  readonly customer: string;
  readonly isIdempotent: boolean;
  readonly invoiceId: string | undefined;
}

interface Sent {
  readonly customerExternalId: string;
  readonly invoiceId?: string;
}

/** Checks the parameters of a conversion, with the same errors as a call. */
export function checkConversion(call: CallName, given: unknown): CheckedConversion {
  const { text, isIdempotent } = checkParams(Operation[call], given);
  // What is sent counts, whatever the object looks like.
  const sent = (isPlain(given) ? given : JSON.parse(text)) as Sent;
  return {
    params: text,
    customer: sent.customerExternalId,
    isIdempotent,
    invoiceId: isIdempotent ? sent.invoiceId : undefined,
  };
}

/** Whether an object is sent as it looks. */
function isPlain(given: unknown): boolean {
  const { prototype } = Object;
  return Object.getPrototypeOf(given) === prototype && (given as { toJSON?: unknown }).toJSON === undefined;
}
