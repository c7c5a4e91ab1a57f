import type { RecordOptions } from '../../types/outbox.js';
import { RefportValidationError } from '../client/errors.ts';
import { checkOptionNames, type OptionNames } from '../client/option-names.ts';
import * as check from '../client/option-values.ts';

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;
const DAY = 24 * HOUR;
const MAX_AGE = 10 * 365 * DAY;
const MAX_ID_LENGTH = 500;
/** A surrogate without its other half. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Options that all outboxes share, with the names other libraries give to the same. */
export const COMMON_NAMES = {
  concurrency: ['concurrent', 'parallel', 'parallelism', 'workers', 'maxconcurrency'],
  maxAge: ['ttl', 'maxagems', 'expiry', 'expires', 'retention'],
  keepRejected: ['keepfailed', 'rejectedage', 'removeonfail'],
  retryAmbiguous: ['ambiguous', 'atleastonce', 'retryall'],
  adopt: ['takeover', 'adoptall', 'adoptforeign'],
};

/** Options of one recording, likewise. */
export const RECORD_NAMES = {
  id: ['key', 'jobid', 'dedupeid', 'idempotencykey', 'entryid'],
  deliverAfter: ['delay', 'after', 'deliverat', 'notbefore', 'startafter', 'hold', 'holdfor'],
  retryAmbiguous: ['ambiguous', 'atleastonce', 'retryall'],
};

/** The options that all outboxes have in common, checked and with their defaults. */
export interface CommonOptions {
  readonly concurrency: number;
  /** Milliseconds, as all times here. */
  readonly maxAge: number;
  readonly keepRejected: number;
  readonly retryAmbiguous: boolean;
  readonly adopt: boolean;
}

export type Given = Readonly<Record<string, unknown>>;

/** The options as an object whose names are known. */
export function namedOptions(options: unknown, names: OptionNames, example: string): Given {
  const given = check.optionsObject(options, example);
  checkOptionNames(given, names);
  return given;
}

export function commonOptions(given: Given): CommonOptions {
  const { concurrency = 8, maxAge = 72 * HOUR, keepRejected = 30 * DAY } = given;
  return {
    concurrency: check.integer('concurrency', concurrency, { min: 1, max: 256 }),
    maxAge: check.milliseconds('maxAge', maxAge, { max: MAX_AGE }),
    keepRejected: check.milliseconds('keepRejected', keepRejected, { max: MAX_AGE }),
    retryAmbiguous: check.boolean('retryAmbiguous', given.retryAmbiguous ?? false),
    adopt: check.boolean('adopt', given.adopt ?? false),
  };
}

export function optionalText(option: string, value: unknown): string | undefined {
  return value === undefined ? undefined : check.nonEmptyString(option, value);
}

/** The name of an entry: 1 to 500 characters, and no half of a surrogate pair, of which all would become the same one. */
export function entryId(id: unknown): string {
  const text = check.nonEmptyString('id', id);
  if (text.length > MAX_ID_LENGTH) {
    throw new RefportValidationError(`id must not be longer than ${MAX_ID_LENGTH} characters, and has ${text.length}`);
  }
  if (HALF_PAIR.test(text)) throw new RefportValidationError('id must not contain half of a surrogate pair');
  return text;
}

/** The options of one recording. */
interface CheckedRecordOptions {
  readonly id: string | undefined;
  readonly deliverAt: Date | undefined;
  readonly retryAmbiguous: boolean | undefined;
  /** As given: a store reads options of its own from it. */
  readonly given: Given;
}

const NO_OPTIONS: CheckedRecordOptions = { id: undefined, deliverAt: undefined, retryAmbiguous: undefined, given: {} };

export function recordOptions(options: RecordOptions | undefined, names: OptionNames): CheckedRecordOptions {
  if (options === undefined) return NO_OPTIONS;
  const given = namedOptions(options, names, '{ id: "order_1" }');
  return {
    id: given.id === undefined ? undefined : entryId(given.id),
    deliverAt: given.deliverAfter === undefined ? undefined : deliverAt(given.deliverAfter),
    retryAmbiguous:
      given.retryAmbiguous === undefined ? undefined : check.boolean('retryAmbiguous', given.retryAmbiguous),
    given,
  };
}

/** A date, or milliseconds from now. */
function deliverAt(value: unknown): Date {
  const time = value instanceof Date ? value.getTime() : typeof value === 'number' ? Date.now() + value : Number.NaN;
  if (time >= 0 && time <= Date.now() + MAX_AGE) return new Date(time);
  throw check.mustBe('deliverAfter', 'a Date or a number of milliseconds, at most ten years ahead', value);
}
