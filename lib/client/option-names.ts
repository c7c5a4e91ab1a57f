/**
 * Names of options and parameters. A misspelled one must not go unnoticed: `{ baseURL: sandbox.url }` would send test data
 * to production.
 * @module
 */

import { RefportValidationError } from './errors.ts';
import { warnOnce } from './warn.ts';

export interface OptionNames {
  /** The function or class that takes the options, for messages. */
  readonly owner: string;
  /** Each option with its names in other libraries, in lower case without separators. */
  readonly options: Record<string, readonly string[]>;
}

const normalized = (name: string) => name.toLowerCase().replace(/[-_]/g, '');

/** @param options their names, each with its names in other libraries, in lower case without separators */
export const optionNames = (owner: string, options: OptionNames['options']): OptionNames => ({ owner, options });

/** Throws on a name that stands for an option, such as `retries`, and warns once of every other unknown one. */
export function checkOptionNames(given: object, { owner, options }: OptionNames): void {
  const known = Object.keys(options);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(options, name) || Reflect.get(given, name) === undefined) continue;
    const plain = normalized(name);
    const meant = known.find((option) => normalized(option) === plain || options[option]?.includes(plain));
    if (meant) throw new RefportValidationError(`${name} is not an option of ${owner}: did you mean ${meant}?`);
    const similar = similarName(name, known);
    warnOnce(
      `${JSON.stringify(name)} is not an option of ${owner}, and is ignored. ` +
        (similar ? `Did you mean ${similar}?` : `Options: ${known.join(', ')}.`),
      'REFPORT_UNKNOWN_OPTION',
    );
  }
}

/** The known name of which `name` is a misspelling: another case, or up to two letters changed, missing, added or swapped. */
export function similarName(name: string, known: Iterable<string>): string | undefined {
  const given = normalized(name);
  for (const candidate of known) {
    const allowed = candidate.length < 5 ? 1 : 2;
    if (Math.abs(candidate.length - given.length) <= allowed && distance(given, normalized(candidate)) <= allowed) {
      return candidate;
    }
  }
  return undefined;
}

/** Edit distance, a swap of two neighbours counting as one edit. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    rows.push(line);
    for (let column = 1; column <= b.length; column++) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1;
      const edits = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + change];
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits.push(at(row - 2, column - 2) + 1);
      }
      line.push(Math.min(...edits));
    }
  }
  return at(a.length, b.length);
}
