import { builtin } from '#platform';
import type { OutboxEntry, ParkedEntry, ParkedReason } from '../../../types/outbox.js';
import type { CallName, Conversion } from '../conversion.ts';
import type { EntryState, ListedEntry } from '../listed-entry.ts';
import { deserializeError, type SerializedError } from '../serialized-error.ts';
import { NOBODY } from './statements/shared.ts';

const { createHash, hash, randomUUID } = builtin('node:crypto');

/** Longer keys are hashed: an index holds them. */
const MAX_KEY_LENGTH = 500;

/** An entry as a job's data. Texts are escaped, or JSON text: Postgres' JSON cannot hold every string of JavaScript's. */
export interface JobData {
  readonly id: string;
  readonly call: CallName;
  /** JSON text. */
  readonly params: string;
  readonly recordedAt: string;
  /** Whether it is sent again when it may have been counted. */
  readonly repeatable: boolean;
  readonly deliverAt?: string;
}

export interface ParkedData extends JobData {
  readonly attempts: number;
  readonly reason: ParkedReason;
  readonly error: SerializedError | null;
}

/** The record of an attempt in the job of an entry that waits to be sent again. */
export interface JobOutput {
  /** Written by the attempt itself. Where it is missing, the attempt's process died. */
  readonly waits?: true;
  readonly interrupted?: true;
  readonly mayBeCounted?: true;
  readonly error?: SerializedError | null;
}

/** A row of a page of entries. */
export interface JobRow {
  readonly id: string;
  readonly state: string;
  readonly data: unknown;
  readonly output: unknown;
  readonly attempts: number;
  readonly held: boolean;
  readonly position: string;
}

/** One line of the statement that records. */
export interface NewJob {
  readonly n: number;
  readonly id: string;
  readonly key: string;
  readonly at?: string;
  readonly data: JobData;
}

/** Text that Postgres' JSON can hold: without NUL characters and half surrogate pairs. */
const escapeText = (text: string): string => JSON.stringify(text).slice(1, -1);
const unescapeText = (escaped: string): string => JSON.parse(`"${escaped}"`);

/** In hexadecimal digits. Node before 20.12 has no `crypto.hash`, which takes a tenth of the time. */
const sha256: (text: string) => string = hash
  ? (text) => hash('sha256', text, 'hex')
  : (text) => createHash('sha256').update(text).digest('hex');

/** pg-boss identifies jobs by UUIDs: version 8, made of a hash of the entry's id. */
export function jobIdOf(id: string): string {
  const hex = sha256(escapeText(id));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The customer's part of a job's singleton key. */
export function customerKey(customer: string): string {
  const key = escapeText(customer);
  return key.length > MAX_KEY_LENGTH ? sha256(key) : key;
}

/** @param identity - 32 hex digits; undefined: of nobody */
export function newJob(
  { id = randomUUID(), call, params, customer, isIdempotent, retryAmbiguous, deliverAt }: Conversion,
  identity: string | undefined,
): { readonly entryId: string; readonly job: Omit<NewJob, 'n'> } {
  const at = deliverAt?.toISOString();
  const data = {
    id: escapeText(id),
    call,
    params,
    recordedAt: new Date().toISOString(),
    repeatable: isIdempotent || retryAmbiguous,
    ...(at === undefined ? {} : { deliverAt: at }),
  };
  const job = { id: jobIdOf(id), key: `${identity ?? NOBODY}:${customerKey(customer)}`, data };
  return { entryId: id, job: at === undefined ? job : { ...job, at } };
}

/** Some adapters return JSON as text. */
export function jsonOf<T>(value: unknown): T {
  return (typeof value === 'string' ? JSON.parse(value) : value) as T;
}

export function entryOf({ id, call, params, recordedAt }: JobData, attempts: number): OutboxEntry {
  return {
    id: unescapeText(id),
    call,
    params: JSON.parse(params),
    recordedAt: new Date(recordedAt),
    attempts,
  };
}

export function parkedEntryOf(data: ParkedData): ParkedEntry {
  const { attempts, reason, error } = data;
  return { ...entryOf(data, attempts), reason, error: error ? deserializeError(error) : null };
}

export function listedEntryOf(row: JobRow, state: EntryState): ListedEntry {
  const data = jsonOf<JobData & Partial<ParkedData>>(row.data);
  const output = jsonOf<JobOutput | null>(row.output);
  const { id, call, params, recordedAt, attempts } = entryOf(data, data.attempts ?? row.attempts);
  return {
    id,
    call,
    params,
    recordedAt,
    attempts,
    state,
    deliverAt: state === 'held' && data.deliverAt !== undefined ? new Date(data.deliverAt) : null,
    reason: data.reason ?? null,
    error: data.error ?? output?.error ?? null,
  };
}
