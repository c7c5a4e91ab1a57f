/**
 * Names of options and parameters. A misspelled one must not go unnoticed: `{ baseURL: sandbox.url }` would send test data
 * to production.
 * @module
 */

import { RefportValidationError } from './errors.ts';
import { warnOnce } from './warn.ts';

export interface OptionNames {
  /** What takes the options, for messages. */
  readonly owner: string;
  readonly known: ReadonlySet<string>;
  /** Names that are meant by others, such as those of other libraries; keys as `normalized` returns them. */
  readonly aliases: ReadonlyMap<string, string>;
}

const normalized = (name: string) => name.toLowerCase().replace(/[-_]/g, '');

/** @param options their names, each with its names in other libraries, in lower case without separators */
export function optionNames(owner: string, options: Record<string, readonly string[]>): OptionNames {
  const aliases = Object.entries(options).flatMap(([name, others]) =>
    [normalized(name), ...others].map((other): [string, string] => [other, name]),
  );
  return { owner, known: new Set(Object.keys(options)), aliases: new Map(aliases) };
}

/** Throws on a name that stands for an option, such as `retries`, and warns once of every other unknown one. */
export function checkOptionNames(options: object, { owner, known, aliases }: OptionNames): void {
  for (const name of Object.keys(options)) {
    if (known.has(name) || Reflect.get(options, name) === undefined) continue;
    const meant = aliases.get(normalized(name));
    if (meant) throw new RefportValidationError(`${name} is not an option of ${owner}: did you mean ${meant}?`);
    const similar = similarName(name, known);
    warnOnce(
      `${JSON.stringify(name)} is not an option of ${owner}, and is ignored. ` +
        (similar ? `Did you mean ${similar}?` : `Options: ${[...known].join(', ')}.`),
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
