import type { CreateEmbedTokenParams, TrackLeadParams, TrackSaleParams } from '../../index.js';
import type { SandboxCall } from '../../types/testing.js';
import { isObject } from '../check.ts';

export interface Params {
  lead: TrackLeadParams;
  sale: TrackSaleParams;
  token: CreateEmbedTokenParams;
}

/** Says what is wrong with a value, if anything is. */
type Rule = (value: unknown) => string | undefined;

const PROCESSORS: unknown[] = ['stripe', 'shopify', 'polar', 'paddle', 'revenuecat', 'custom'];

const rule =
  (isValid: (value: unknown) => boolean, problem: string): Rule =>
  (value) =>
    isValid(value) ? undefined : problem;
const matching = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const text = rule((value) => typeof value === 'string', 'must be a string');
const filled = rule((value) => typeof value === 'string' && value !== '', 'must be a non-empty string');
const url = rule((value) => typeof value === 'string' && URL.canParse(value), 'must be a URL');
const email = rule(matching(/^[^\s@]+@[^\s@]+$/), 'must be an e-mail address');
const amount = rule(Number.isFinite, 'must be a number, in the smallest unit of the currency');
const currency = rule(matching(/^[A-Za-z]{3}$/), 'must be a currency code of three letters');
const processor = rule((value) => PROCESSORS.includes(value), `must be one of ${PROCESSORS.join(', ')}`);
const object = rule(isObject, 'must be an object');

const CUSTOMER = { customerEmail: text, customerName: text, customerAvatar: url, metadata: object };

const RULES: Record<SandboxCall, { required: Record<string, Rule>; optional: Record<string, Rule> }> = {
  lead: {
    required: { clickId: filled, eventName: filled, customerExternalId: filled },
    optional: CUSTOMER,
  },
  sale: {
    required: { clickId: filled, customerExternalId: filled, amount },
    optional: { ...CUSTOMER, currency, eventName: filled, invoiceId: filled, paymentProcessor: processor },
  },
  token: {
    required: {},
    optional: { tenantId: filled, enrollmentId: filled, partner: object },
  },
};

/** Thrown with the API's words for invalid parameters. */
export class InvalidParams extends Error {}

/** @throws {InvalidParams} naming the field */
export function assertParams<C extends SandboxCall>(call: C, params: unknown): asserts params is Params[C] {
  if (!isObject(params)) throw new InvalidParams('The body must be a JSON object');
  const { required, optional } = RULES[call];
  for (const [field, findProblem] of Object.entries({ ...required, ...optional })) {
    const isGiven = Object.hasOwn(params, field);
    if (!isGiven && Object.hasOwn(required, field)) throw new InvalidParams(`${field} is required`);
    const problem = isGiven && findProblem(params[field]);
    if (problem) throw new InvalidParams(`${field} ${problem}`);
  }
  if (call === 'token') assertPartner(params);
}

function assertPartner(params: Record<string, unknown>): void {
  if (!['tenantId', 'enrollmentId', 'partner'].some((field) => Object.hasOwn(params, field))) {
    throw new InvalidParams('One of tenantId, enrollmentId and partner is required');
  }
  const { partner } = params;
  if (!isObject(partner)) return;
  const problem = email(partner.email);
  if (problem) throw new InvalidParams(`partner.email ${problem}`);
  if (Object.hasOwn(partner, 'name') && text(partner.name)) throw new InvalidParams('partner.name must be a string');
}
