/** Headers of a client or a call: read from what the caller passes, and checked. */

import { RefportValidationError } from './errors.ts';
import { mustBe, wellFormed } from './option-values.ts';

/** Headers that belong to the transport or identify the account. */
const RESERVED = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads the option `headers`: an object, `Headers`, a `Map` or entries. If a name occurs twice, the last one wins.
 * @returns names in lower case
 */
export function headers(value: unknown): Record<string, string> {
  return headersFromPairs(
    headerEntries(value).flatMap(([name, text]): [string, string][] => {
      if (text === undefined) return [];
      if (typeof name !== 'string') throw mustBe('headers: the name of a header', 'a string', name);
      if (typeof text !== 'string') throw mustBe(`headers: the value of ${JSON.stringify(name)}`, 'a string', text);
      return [[name, text]];
    }),
  );
}

/** Checks names and values. */
export function headersFromPairs(pairs: [name: string, value: string][]): Record<string, string> {
  // Not by assignment: a header may be called __proto__.
  return Object.fromEntries(pairs.map(([name, value]) => [headerName(name), headerValue(name, value)]));
}

function headerName(name: string): string {
  const key = name.toLowerCase();
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(key)) {
    throw new RefportValidationError(`headers: ${JSON.stringify(name)} is not a valid header name`);
  }
  if (RESERVED.has(key)) throw new RefportValidationError(`headers: ${key} is set by the SDK and cannot be replaced`);
  return key;
}

function headerValue(name: string, value: string): string {
  if (!/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return wellFormed(value);
  throw new RefportValidationError(`headers: the value of ${name.toLowerCase()} has characters that cannot be sent`);
}

function headerEntries(value: unknown): [unknown, unknown][] {
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && value.length === 0)) {
    throw mustBe('headers', 'an object of strings, Headers, a Map or entries', value);
  }
  return isIterable(value) ? [...value].map(pair) : Object.entries(value);
}

const isIterable = (value: object): value is Iterable<unknown> => Symbol.iterator in value;

function pair(entry: unknown): [unknown, unknown] {
  if (Array.isArray(entry) && entry.length === 2) return [entry[0], entry[1]];
  throw new RefportValidationError('headers: every entry must be a pair of a name and a value');
}
