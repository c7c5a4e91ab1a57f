/**
 * Parameters of a call: serialized, and checked as they are sent, whatever the object looks like (`toJSON` counts). The
 * object is only looked at to recognise quickly what is valid in any case.
 * @module
 */

import { asRefportError, RefportValidationError } from './errors.ts';
import { Operation } from './operations.ts';
import { similarName } from './option-names.ts';
import { isObject } from './option-values.ts';
import { warnOnce } from './warn.ts';

/** Parameters as they go to the API. */
interface CheckedParams {
  /** JSON text. */
  text: string;
  /** The fields in that text, as far as they were checked. */
  fields: Fields;
  /** Whether sending the call twice cannot count twice. */
  isIdempotent: boolean;
}

const isEnumerable = Object.prototype.propertyIsEnumerable;

type Fields = Readonly<Record<string, unknown>>;

interface Rules {
  readonly name: string;
  /** Fields, and whether each is required. */
  readonly known: ReadonlyMap<string, boolean>;
  /** Required strings. */
  readonly strings: readonly string[];
}

function rules(name: string, required: readonly string[], optional: readonly string[]): Rules {
  const fields = [
    ...required.map((field) => [field, true] as const),
    ...optional.map((field) => [field, false] as const),
  ];
  return { name, known: new Map(fields), strings: required.filter((field) => field !== 'amount') };
}

const customer = ['customerEmail', 'customerName', 'customerAvatar', 'metadata'];

/** By operation. */
const RULES: readonly [Rules, Rules, Rules] = [
  rules('track.lead', ['clickId', 'eventName', 'customerExternalId'], customer),
  rules(
    'track.sale',
    ['clickId', 'customerExternalId', 'amount'],
    ['currency', 'eventName', 'invoiceId', 'paymentProcessor', ...customer],
  ),
  rules('embedTokens.create', [], ['tenantId', 'enrollmentId', 'partner']),
];

/** @throws {RefportValidationError} that names the field */
export function checkParams(operation: Operation, params: unknown): CheckedParams {
  const text = serialize(params);
  const fields = isEvidentlyValid(operation, params) ? params : sentFields(operation, params, text);
  if (operation === Operation.sale && !Number.isInteger(fields.amount)) warnOfFraction();
  return { text, fields, isIdempotent: isIdempotent(operation, fields) };
}

/** Parameters as JSON text. */
function serialize(params: unknown): string {
  if (typeof params !== 'object' || params === null) {
    throw new RefportValidationError(
      `params must be an object, not ${params === null ? 'null' : `of type ${typeof params}`}`,
    );
  }
  try {
    // undefined, from a toJSON method, is not JSON.
    return JSON.stringify(params) ?? 'null';
  } catch (cause) {
    throw asRefportError(cause, `${unserializableField(params) ?? 'params'} cannot be sent as JSON`);
  }
}

/** The field that cannot be sent, if it can be found out. */
function unserializableField(params: object): string | undefined {
  try {
    return Object.keys(params).find((name) => {
      try {
        JSON.stringify(Reflect.get(params, name));
        return false;
      } catch {
        return true;
      }
    });
  } catch {
    return undefined;
  }
}

/** The fast path: what a plain object of known fields has is what `JSON.stringify` sends. */
function isEvidentlyValid(operation: Operation, params: unknown): params is Fields {
  if (operation === Operation.embedToken || !isObject(params)) return false;
  if (Object.getPrototypeOf(params) !== Object.prototype || params.toJSON !== undefined) return false;
  const { known, strings } = RULES[operation];
  // Only what is enumerable is sent.
  let missing = operation === Operation.lead ? strings.length : strings.length + 1;
  for (const name in params) {
    const isRequired = known.get(name);
    if (isRequired === undefined) return false;
    if (isRequired) missing--;
  }
  if (missing > 0) return false;
  for (const name of strings) {
    const value = params[name];
    if (typeof value !== 'string' || value === '') return false;
  }
  if (operation === Operation.lead) return true;
  const { amount, invoiceId } = params;
  return Number.isFinite(amount) && (invoiceId === undefined || typeof invoiceId === 'string');
}

/** Reads back and checks what is sent. */
function sentFields(operation: Operation, params: unknown, text: string): Fields {
  const fields: unknown = JSON.parse(text);
  if (!isObject(fields)) throw new RefportValidationError('params must be an object');
  const { name, known } = RULES[operation];
  for (const field of Object.keys(fields)) if (!known.has(field)) warnIfMisspelled(field, name, known.keys());
  const problem = problemOf(operation, fields);
  if (problem === undefined) return fields;
  const amount = isObject(params) && fields.amount === null ? params.amount : undefined;
  // JSON writes NaN and Infinity as null.
  throw new RefportValidationError(
    problem.startsWith('amount') && typeof amount === 'number'
      ? `amount must be a number in the smallest unit of the currency, not ${amount}`
      : problem,
  );
}

/** Why parameters cannot be sent. */
function problemOf(operation: Operation, fields: Fields): string | undefined {
  for (const name of RULES[operation].strings) {
    const problem = stringProblem(name, fields[name]);
    if (problem !== undefined) return problem;
  }
  if (operation === Operation.sale) return amountProblem(fields.amount);
  return operation === Operation.embedToken ? partnerProblem(fields) : undefined;
}

function stringProblem(name: string, value: unknown): string | undefined {
  if (value === undefined) return `${name} is required: pass a non-empty string`;
  if (value === '') return `${name} must not be empty: pass a non-empty string`;
  return typeof value === 'string' ? undefined : `${name} must be a non-empty string, not ${describeJson(value)}`;
}

function amountProblem(value: unknown): string | undefined {
  if (typeof value === 'number') return undefined;
  if (value === undefined) return 'amount is required: pass a finite number in the smallest currency unit';
  return `amount must be a finite number, not ${describeJson(value)}`;
}

function partnerProblem({ tenantId, enrollmentId, partner }: Fields): string | undefined {
  if (isObject(partner)) return stringProblem('partner.email', partner.email);
  if (partner !== undefined && partner !== null) return 'partner must be an object with an email';
  const isGiven = (value: unknown) => value !== undefined && value !== null && value !== '';
  if (isGiven(tenantId) || isGiven(enrollmentId)) return undefined;
  return 'pass at least one of tenantId, enrollmentId and partner';
}

/** The kind of a value out of JSON, for messages. */
export function describeJson(value: unknown): string {
  if (value === null) return 'null (or a value JSON cannot hold)';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The API deduplicates sales by `invoiceId`, if it is a string, and a second embed token does no harm. */
function isIdempotent(operation: Operation, fields: Fields): boolean {
  if (operation !== Operation.sale) return operation === Operation.embedToken;
  const { invoiceId } = fields;
  return typeof invoiceId === 'string' && invoiceId !== '' && isEnumerable.call(fields, 'invoiceId');
}

/** Fields that nobody here knows are sent as they are: the API may know them. */
function warnIfMisspelled(field: string, call: string, known: Iterable<string>): void {
  const similar = similarName(field, known);
  if (similar === undefined) return;
  warnOnce(
    `${JSON.stringify(field)} is not a parameter of ${call}, and is sent as it is. Did you mean ${similar}?`,
    'REFPORT_UNKNOWN_PARAMETER',
  );
}

function warnOfFraction(): void {
  warnOnce(
    'A sale was reported with a fraction in its amount. It is counted in the smallest unit of the currency: 4900 is $49.00.',
    'REFPORT_AMOUNT_FRACTION',
  );
}
