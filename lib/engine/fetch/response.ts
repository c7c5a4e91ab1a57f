/** The promised shape of the API's responses (src/api/operation.rs). */

import { Operation } from '../../client/operations.ts';
import { isObject } from '../../client/option-values.ts';
import { describeJson } from '../../client/params.ts';

const OBJECTS: Record<0 | 1, readonly string[]> = {
  [Operation.lead]: ['click', 'link', 'customer'],
  [Operation.sale]: ['customer', 'sale'],
};

/** The response in a 2xx body, or what is wrong with it. */
export function readResponse(operation: Operation, body: string): { response: unknown } | { problem: string } {
  const response = parseJson(body);
  const problem = problemOf(operation, response, body);
  return problem === undefined ? { response } : { problem };
}

function problemOf(operation: Operation, response: unknown, body: string): string | undefined {
  // The parser's own words quote the body, and with it maybe a part of the API key.
  if (response === undefined) return /^\s*\{/.test(body) ? 'no JSON object' : 'not JSON';
  if (response === null && operation === Operation.lead) return undefined;
  if (!isObject(response)) return `${describeJson(response)} instead of an object`;
  if (operation !== Operation.embedToken) return missingMember(response, OBJECTS[operation], isObject);
  const problem = missingMember(response, ['publicToken', 'expires'], isText);
  if (problem !== undefined) return problem;
  return isDate(response.expires) ? undefined : 'its member expires is not a date';
}

function missingMember(
  response: Record<string, unknown>,
  names: readonly string[],
  isRight: (value: unknown) => boolean,
): string | undefined {
  for (const name of names) {
    const value = response[name];
    if (value === undefined) return `it has no member ${name}`;
    if (!isRight(value)) return `its member ${name} is ${describeJson(value)}`;
  }
  return undefined;
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';

/** Undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?)?$/;

/** Whether it is a calendar date, or a date and time, that `new Date()` understands. */
function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !ISO_8601.test(value)) return false;
  // A day that the month does not have is invalid, or leads into the next month.
  const day = value.slice(0, 10);
  const time = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
