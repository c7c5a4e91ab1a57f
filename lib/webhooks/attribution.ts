import type { Attribution } from '../../types/webhooks.js';
import { RefportValidationError } from '../client/errors.ts';
import { field } from './fields.ts';

// The attribution that travels with a payment: its click and its customer.

/** Keys that every processor accepts in its metadata. */
const CLICK_ID = 'refp_id';
const CUSTOMER = 'refp_customer_id';

/** The longest metadata value that Stripe, Polar and RevenueCat accept. */
const LONGEST = 500;

type Referral = { clickId: string; customerExternalId: string };

const isUsable = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST;

export function attribution({ clickId, customerExternalId }: Attribution): Record<string, string> {
  checkCustomer(customerExternalId);
  // A cookie can hold anything: one that a processor would not accept must not cost the checkout.
  return isUsable(clickId) ? { [CLICK_ID]: clickId, [CUSTOMER]: customerExternalId } : {};
}

function checkCustomer(customerExternalId: unknown): void {
  if (isUsable(customerExternalId)) return;
  const remedy = 'Pass your own id of the customer, a number as String(id).';
  throw new RefportValidationError(`customerExternalId must be a string of 1 to ${LONGEST} characters. ${remedy}`);
}

/** The click id that `metadata` carries, if any. */
export function hasClickId(metadata: unknown): boolean {
  return isUsable(field(metadata, CLICK_ID));
}

/**
 * @param places metadata objects that may hold the attribution; the first that does counts
 * @param options of the caller, which win
 * @returns the referral, or why there is none
 */
export function readAttribution(places: readonly unknown[], options: unknown): Referral | string {
  const place = places.find(hasClickId);
  const clickId = field(options, 'clickId') ?? field(place, CLICK_ID);
  const customerExternalId = field(options, 'customerExternalId') ?? field(place, CUSTOMER);
  if (!isUsable(clickId)) return `no ${CLICK_ID} where attribution(…) is read from, and no clickId in the options`;
  if (isUsable(customerExternalId)) return { clickId, customerExternalId };
  return `there is a click, but no ${CUSTOMER} next to it, and no customerExternalId in the options`;
}

// `client_reference_id` of Stripe: `refp__<click>__<customer>`. What is not a letter, a digit or `-` is written as `_` and the two
// hexadecimal digits of each byte in UTF-8, so that `__` occurs between the parts only.

/** https://docs.stripe.com/payment-links/url-parameters: longer ones, and other characters, are dropped without an error. */
const LONGEST_REFERENCE = 200;

/** Leaves more than 70 characters for the click id. */
const LONGEST_CUSTOMER = 120;

export function attributionReference({ clickId, customerExternalId }: Attribution): string | undefined {
  checkCustomer(customerExternalId);
  const customer = escaped(customerExternalId);
  if (customer === undefined || customer.length > LONGEST_CUSTOMER) {
    const limit = `${LONGEST_CUSTOMER} characters, where each byte other than a letter, a digit or - takes three`;
    throw new RefportValidationError(`customerExternalId is too long for a reference: at most ${limit}.`);
  }
  const click = isUsable(clickId) ? escaped(clickId) : undefined;
  const reference = `refp__${click}__${customer}`;
  return click !== undefined && reference.length <= LONGEST_REFERENCE ? reference : undefined;
}

/** `undefined` for half a surrogate pair, which UTF-8 cannot write. */
function escaped(text: string): string | undefined {
  try {
    return encodeURIComponent(text)
      .replace(/[^\w%-]|_/g, byte)
      .replaceAll('%', '_');
  } catch {
    return undefined;
  }
}

const byte = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

export function attributionFromReference(reference: unknown): Referral | null {
  if (typeof reference !== 'string' || reference.length > LONGEST_REFERENCE) return null;
  const [, click = '', customer = ''] =
    /^refp__((?:[\dA-Za-z-]|_[\dA-F]{2})+)__((?:[\dA-Za-z-]|_[\dA-F]{2})+)$/.exec(reference) ?? [];
  try {
    const clickId = decodeURIComponent(click.replaceAll('_', '%'));
    const customerExternalId = decodeURIComponent(customer.replaceAll('_', '%'));
    return isUsable(clickId) && isUsable(customerExternalId) ? { clickId, customerExternalId } : null;
  } catch {
    return null;
  }
}

/** The metadata that a reference stands for; `undefined` if it is not one of ours. */
export function metadataOfReference(reference: unknown): Record<string, string> | undefined {
  const referral = attributionFromReference(reference);
  return referral === null ? undefined : attribution(referral);
}
