import { parseArgs } from 'node:util';
import { reasonOf } from '../../client/errors.ts';
import type { EntryState } from '../../outbox/listed-entry.ts';
import { type Place, readPlace } from '../place.ts';

export const USAGE = `Usage: npx refport outbox <command> (--path FILE | --redis URL | --postgres URL) [--json]

  status             how much waits, since when, and how much is parked
  list               what waits and what is parked
  show ID            one entry, with its parameters
  resend ID ...      send parked entries again
  discard ID ...     remove entries for good: parked ones, and ones that were not sent yet
  resume             end a pause: what waits is sent at once
  adopt              take over entries of another API key (REFPORT_API_KEY has the new one)
  erase CUSTOMER     remove what is stored about a customer
  export             every entry, one JSON object a line
  import FILE        record conversions of a file: NDJSON, or CSV with a header (- for standard input)
  backup FILE        write a consistent copy (--path only)

  --path FILE        the file of an Outbox
  --redis URL        the Redis of a BullOutbox
  --prefix PREFIX    its prefix there (default bull)
  --postgres URL     the database of a PgOutbox
  --schema SCHEMA    its schema there (default pgboss)
  --max-age TIME     status: exit with 1 if something has waited longer, such as 10m, 2h or 1d
  --watch            status: show it live until nothing is due
  --state STATE      list, export: only pending, held, sending or parked ones
  --limit N          list: at most so many (default 50)
  --all              resend, discard: every parked entry
  --json             for machines
`;

const STATES: readonly EntryState[] = ['pending', 'held', 'sending', 'parked'];

/** Commands, with what follows each. */
const COMMANDS: Readonly<Record<string, 'nothing' | 'ids' | 'one'>> = {
  status: 'nothing',
  list: 'nothing',
  show: 'one',
  resend: 'ids',
  discard: 'ids',
  resume: 'nothing',
  adopt: 'nothing',
  erase: 'one',
  export: 'nothing',
  import: 'one',
  backup: 'one',
};
const NOUNS: Readonly<Record<string, string>> = {
  show: 'an ID',
  erase: 'a customer',
  import: 'a FILE',
  backup: 'a FILE',
};

/** Wrong arguments. */
export class UsageError extends Error {}

export interface Request {
  readonly command: string;
  readonly place: Place;
  /** The words after the command. */
  readonly operands: readonly string[];
  readonly state: EntryState | undefined;
  readonly limit: number;
  /** Milliseconds. */
  readonly maxAge: number | undefined;
  readonly watch: boolean;
  readonly all: boolean;
  readonly json: boolean;
}

/** @returns undefined if help is asked for */
export function readArguments(args: string[]): Request | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [command = '', ...operands] = positionals;
  const operandKind = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (operandKind === undefined) throw new UsageError(command ? `There is no command "${command}".` : 'Which command?');
  const place = readPlace(values, '--path', (problem) => new UsageError(problem));
  if (place === undefined) {
    throw new UsageError('--path is missing, the file of an Outbox; or --redis or --postgres, the URL of the store.');
  }
  const state = STATES.find((one) => one === values.state);
  if (values.state !== state) throw new UsageError(`--state must be one of ${STATES.join(', ')}.`);
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1.');
  if (operandKind === 'one' && operands.length !== 1) throw new UsageError(`${command} needs ${NOUNS[command]}.`);
  if (operandKind === 'nothing' && operands.length > 0) throw new UsageError(`${command} takes no ${operands[0]}.`);
  if (operandKind === 'ids' && values.all === operands.length > 0)
    throw new UsageError(`${command} needs IDs, or --all.`);
  return {
    command,
    place,
    operands,
    state,
    limit,
    maxAge: values['max-age'] === undefined ? undefined : duration(values['max-age']),
    watch: values.watch,
    all: values.all,
    json: values.json,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        path: { type: 'string' },
        redis: { type: 'string' },
        prefix: { type: 'string' },
        postgres: { type: 'string' },
        schema: { type: 'string' },
        state: { type: 'string' },
        limit: { type: 'string', default: '50' },
        'max-age': { type: 'string' },
        watch: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(reasonOf(error));
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a text such as `10m`. */
function duration(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  if (number === undefined) throw new UsageError('--max-age must be a time such as 90s, 10m, 2h or 1d.');
  return Number(number) * (UNITS[unit] ?? 1);
}
