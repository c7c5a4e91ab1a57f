import { createHash } from 'node:crypto';
import fs from 'node:fs';
import readline from 'node:readline';
import { RefportValidationError, reasonOf } from '../../client/errors.ts';
import { type CallName, checkConversion } from '../../outbox/conversion.ts';
import type { OperatorStore } from '../../outbox/outbox-base.ts';
import { entryId } from '../../outbox/outbox-options.ts';

/** Records of a batch. One is read while the one before is being stored; more would only be garbage that lives longer. */
const BATCH = 500;

interface BadLine {
  readonly line: number;
  readonly message: string;
}

export interface ImportResult {
  recorded: number;
  /** Recorded by an earlier run. */
  known: number;
  readonly bad: BadLine[];
}

/**
 * Records the conversions of a file. Running it again records only what is missing: lines are named by their `id`, their
 * invoice, or else their number and content.
 *
 * @param file - NDJSON, or CSV if its name ends in `.csv`; `-` is standard input
 * @param onProgress - bytes read so far, and of the whole file if that is known
 */
export async function importFile(
  store: OperatorStore,
  file: string,
  input: NodeJS.ReadableStream,
  onProgress: (result: ImportResult, read: number, size: number | undefined) => void,
): Promise<ImportResult> {
  const result: ImportResult = { recorded: 0, known: 0, bad: [] };
  const stream: NodeJS.ReadableStream = file === '-' ? input : fs.createReadStream(file);
  const size = file === '-' ? undefined : fs.statSync(file).size;
  let read = 0;
  stream.on('data', (chunk: string | Buffer) => {
    read += chunk.length;
  });
  let batch: FileRecord[] = [];
  let before: Promise<unknown> = Promise.resolve();
  const settleOneBefore = async (): Promise<void> => {
    const earlier = before;
    // In one turn, so that a queue stores them together.
    before = Promise.all(batch.map((record) => recordOne(store, result, record)));
    // An error is thrown where it is awaited.
    before.catch(() => {});
    batch = [];
    await earlier;
    onProgress(result, read, size);
  };
  for await (const record of records(stream, /\.csv$/i.test(file))) {
    batch.push(record);
    if (batch.length === BATCH) await settleOneBefore();
  }
  await settleOneBefore();
  await settleOneBefore();
  result.bad.sort((a, b) => a.line - b.line);
  return result;
}

interface FileRecord {
  readonly line: number;
  /** The record as it stands in the file. */
  readonly text: string;
  /** Its fields, or why it has none. */
  readonly fields: () => Record<string, unknown>;
}

async function* records(stream: NodeJS.ReadableStream, isCsv: boolean): AsyncGenerator<FileRecord> {
  const lines = readline.createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  let header: string[] | undefined;
  let pending = '';
  let start = 0;
  for await (const line of lines) {
    number++;
    const text = number === 1 ? line.replace(/^\ufeff/, '') : line;
    if (!isCsv) {
      if (text.trim() !== '') yield { line: number, text, fields: () => JSON.parse(text) as Record<string, unknown> };
      continue;
    }
    if (pending === '') start = number;
    pending = pending === '' ? text : `${pending}\n${text}`;
    // A quoted field goes on in the next line.
    if ((pending.split('"').length - 1) % 2 === 1) continue;
    const record = pending;
    pending = '';
    if (record.trim() === '') continue;
    if (header === undefined) {
      header = csvFields(record).map((name) => name.trim());
      continue;
    }
    const names = header;
    yield { line: start, text: record, fields: () => fieldsOfCsv(names, csvFields(record)) };
  }
  if (pending !== '') yield { line: start, text: pending, fields: () => fail('a quoted field does not end') };
}

/** The fields of a CSV record (RFC 4180). */
function csvFields(record: string): string[] {
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
  for (;;) {
    const match = field.exec(record);
    if (match === null) return fail('it is not CSV');
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
  }
}

/** Fields that are no text, with how each is read. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  amount: (text) =>
    text.trim() === '' || Number.isNaN(Number(text)) ? fail(`amount is no number: ${text}`) : Number(text),
  metadata: (text) => JSON.parse(text),
};

function fieldsOfCsv(names: readonly string[], values: readonly string[]): Record<string, unknown> {
  if (values.length !== names.length) return fail(`it has ${values.length} fields, the header ${names.length}`);
  const fields: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const text = values[index] ?? '';
    // An empty cell is a missing value.
    if (text !== '') fields[name] = READERS[name]?.(text) ?? text;
  }
  return fields;
}

async function recordOne(
  store: OperatorStore,
  result: ImportResult,
  { line, text, fields }: FileRecord,
): Promise<void> {
  try {
    const { id, call, params } = conversionOf(fields());
    const checked = checkConversion(call, params);
    const conversion = {
      ...checked,
      id: id ?? checked.id ?? idOfLine(line, text),
      call,
      retryAmbiguous: false,
      deliverAt: undefined,
    };
    const { duplicate } = await store.record(conversion, {});
    if (duplicate) result.known++;
    else result.recorded++;
  } catch (error) {
    // Of the store: it concerns every line.
    if (!(error instanceof RefportValidationError) && !(error instanceof SyntaxError) && !(error instanceof BadRecord))
      throw error;
    result.bad.push({ line, message: reasonOf(error) });
  }
}

/** A record is `{ call, params, id? }`, as `export` writes it, or flat: `call`, `id` and the fields of the parameters. */
function conversionOf(fields: unknown): { id: string | undefined; call: CallName; params: unknown } {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fail('it is no JSON object');
  const { id, call: given, params: nested, ...flat } = fields as Record<string, unknown>;
  const params = nested ?? flat;
  const call = given ?? ((params as { amount?: unknown }).amount === undefined ? 'lead' : 'sale');
  if (call !== 'lead' && call !== 'sale') return fail(`call must be "lead" or "sale", not ${JSON.stringify(call)}`);
  return { id: id === undefined || id === null || id === '' ? undefined : entryId(id), call, params };
}

const idOfLine = (line: number, text: string): string =>
  `import:${line}:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;

class BadRecord extends Error {}

function fail(message: string): never {
  throw new BadRecord(message);
}
