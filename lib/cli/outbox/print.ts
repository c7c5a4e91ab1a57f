import type { OutboxStats } from '../../../types/outbox.js';
import type { ListedEntry } from '../../outbox/listed-entry.ts';
import { plainText } from '../plain-text.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A span of time in the largest unit that fits: `3 h`. */
function span(milliseconds: number): string {
  const [unit, length] = UNITS.find(([, size]) => milliseconds >= size) ?? ['s', 1000];
  return `${Math.floor(milliseconds / length)} ${unit}`;
}

const ago = (time: Date): string => span(Math.max(0, Date.now() - time.getTime()));

/** Rows in columns. */
function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

function why({ reason, error, deliverAt }: ListedEntry): string {
  if (deliverAt !== null) return `until ${deliverAt.toISOString()}`;
  return [reason, error?.status || undefined, error?.code, error?.message]
    .filter((part) => part !== undefined && part !== null)
    .join(' ');
}

export function entryTable(entries: readonly ListedEntry[]): string {
  const rows = entries.map((entry) =>
    [
      entry.id,
      entry.call,
      String(entry.params.customerExternalId),
      entry.state,
      ago(entry.recordedAt),
      String(entry.attempts),
      why(entry).slice(0, 80),
    ].map(plainText),
  );
  return table([['ID', 'CALL', 'CUSTOMER', 'STATE', 'AGE', 'ATTEMPTS', 'WHY'], ...rows]);
}

export function entryDetails(entry: ListedEntry): string {
  const lines = [
    ['id', plainText(entry.id)],
    ['call', `track.${entry.call}`],
    ['state', entry.state],
    ['recorded', `${entry.recordedAt.toISOString()} (${ago(entry.recordedAt)} ago)`],
    ['attempts', String(entry.attempts)],
    ['why', plainText(why(entry)) || '–'],
  ];
  return `${table(lines)}params\n${JSON.stringify(entry.params, null, 2)}\n`;
}

export function statusText({ pending, held, sending, parked, foreign, oldest }: OutboxStats): string {
  const age = oldest === null ? '' : `, the oldest since ${oldest.toISOString()} (${ago(oldest)})`;
  const lines = [`${pending} pending and ${sending} on the wire${age}`, `${parked} parked`];
  if (held > 0) lines.push(`${held} held until they are due`);
  if (foreign > 0) lines.push(`${foreign} of another API key: see "npx refport outbox adopt"`);
  if (parked > 0) lines.push('See them with "npx refport outbox list --state parked", decide with resend or discard.');
  return `${lines.join('\n')}\n`;
}

/** An entry for machines. */
export const exported = ({ id, call, state, reason, attempts, recordedAt, params, error, deliverAt }: ListedEntry) => ({
  id,
  call,
  state,
  reason,
  attempts,
  recordedAt,
  ...(deliverAt && { deliverAt }),
  params,
  error,
});

const WIDTH = 30;
/** Between two drawings, in milliseconds. */
const INTERVAL = 100;

/** A line on a terminal that shows progress. Elsewhere nothing is written. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  #shownAt = 0;
  #length = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** @param total - undefined if it is not known */
  show(done: number, total: number | undefined, more = ''): void {
    if (!this.#stream.isTTY || Date.now() - this.#shownAt < INTERVAL) return;
    this.#shownAt = Date.now();
    const filled = total === undefined ? 0 : Math.min(WIDTH, Math.round((WIDTH * done) / Math.max(1, total)));
    const bar = total === undefined ? '' : `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] `;
    const line = `${bar}${done}${total === undefined ? '' : ` of ${total}`}${more}`;
    this.#stream.write(`\r${line.padEnd(this.#length)}`);
    this.#length = line.length;
  }

  end(): void {
    if (this.#length > 0) this.#stream.write(`\r${' '.repeat(this.#length)}\r`);
  }
}
