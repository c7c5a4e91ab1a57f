/** Checks of single values, for the options of clients, calls and outboxes. */

import { RefportValidationError } from './errors.ts';

/** The longest time a timer can wait. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

export function mustBe(option: string, expected: string, value: unknown): RefportValidationError {
  return new RefportValidationError(`${option} must be ${expected}, not ${describe(value)}`);
}

/** A value without its content, which may be secret. */
function describe(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString();
  return `a value of type ${typeof value}`;
}

export function milliseconds(option: string, value: unknown, range: { min?: number; max?: number } = {}): number {
  const { min = 1, max = MAX_MILLISECONDS } = range;
  if (typeof value === 'number' && value >= min && value <= max) return Math.ceil(value);
  throw mustBe(option, `a number of milliseconds from ${min} to ${max}`, value);
}

export function integer(option: string, value: unknown, { min, max }: { min: number; max: number }): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw mustBe(option, `a whole number from ${min} to ${max}`, value);
}

export function boolean(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw mustBe(option, 'true or false', value);
}

export function nonEmptyString(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw mustBe(option, 'a non-empty string', value);
}

/** @param example for the message, such as `{ path: "refport.db" }` */
export function optionsObject(options: unknown, example?: string): Record<string, unknown> {
  if (isObject(options)) return options;
  throw example === undefined
    ? mustBe('options', 'an object', options)
    : new RefportValidationError(`options must be an object such as ${example}`);
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

export const isObject = (value: unknown): value is Record<string, unknown> => isRecord(value) && !Array.isArray(value);

/** Checks a value unless it is undefined. */
export const ifGiven = <T>(check: (value: unknown) => T, value: unknown): T | undefined =>
  value === undefined ? undefined : check(value);

/** Replaces halves of surrogate pairs, which have no UTF-8. */
export const wellFormed = (text: string): string => text.toWellFormed();
