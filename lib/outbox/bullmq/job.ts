import type { RefportError as PublicError } from '../../../index.js';
import type { OutboxEntry, ParkedEntry, ParkedReason } from '../../../types/outbox.js';
import type { CallName, Conversion } from '../conversion.ts';
import type { EntryState, ListedEntry } from '../listed-entry.ts';
import { deserializeError, type SerializedError } from '../serialized-error.ts';
import type { Reply } from './connection.ts';

/** No key of BullMQ's own begins like this, whatever an id is: `meta`, `wait`, `failed`… are ids as good as others. */
const PREFIX = 'entry-';

/** The id of an entry's job. BullMQ takes no colon. */
export const jobIdOf = (id: string): string => PREFIX + id.replace(/[%:]/g, encodeURIComponent);

/** The data of a job: what is sent, as it is sent. */
export const dataOf = (id: string, { params }: Conversion): string => `{"id":${JSON.stringify(id)},"params":${params}}`;

/** The parameters' text and the id out of a job's data. */
function readData(data: string): { id: string; params: unknown } {
  const { id, params } = JSON.parse(data) as { id: string; params: unknown };
  return { id, params };
}

const callOf = (name: Reply | undefined): CallName => (name === 'lead' ? 'lead' : 'sale');

/** An entry that was taken, and not settled yet. */
export interface TakenEntry {
  readonly jobId: string;
  readonly fence: string;
  readonly id: string;
  readonly call: CallName;
  readonly params: unknown;
  readonly attempts: number;
  readonly isRepeatable: boolean;
  readonly recordedAt: Date;
}

/** Fields as `exchange` returns them: job id, name, data, attempts, whether it may be repeated, when it was recorded. */
export function takenEntry(
  [jobId, name, data, attempts, isRepeatable, recordedAt]: Reply[],
  fence: string,
): TakenEntry {
  return {
    jobId: String(jobId),
    fence,
    call: callOf(name),
    ...readData(String(data)),
    attempts: Number(attempts),
    isRepeatable: isRepeatable === '1',
    recordedAt: new Date(Number(recordedAt)),
  };
}

export function outboxEntry({ id, call, params, recordedAt }: TakenEntry, attempts: number): OutboxEntry {
  return { id, call, params, recordedAt, attempts } as OutboxEntry;
}

const storedError = (text: Reply | undefined): SerializedError | null =>
  text ? (JSON.parse(String(text)) as SerializedError) : null;

/** Fields as `exchange` returns them: name, data, attempts, when it was recorded, reason, error. */
export function parkedEntry([name, data, attempts, recordedAt, reason, failure]: Reply[]): ParkedEntry {
  const error = storedError(failure);
  return {
    call: callOf(name),
    ...readData(String(data)),
    attempts: Number(attempts || 0),
    recordedAt: new Date(Number(recordedAt)),
    // Without one, somebody has let it fail by other means: it may have been on the wire.
    reason: (reason || 'ambiguous') as ParkedReason,
    error: error && deserializeError(error),
  } as ParkedEntry;
}

/** Fields as `page` and `find` return them: those of {@link parkedEntry}, fence, when it is due. */
export function listedEntry(job: Reply[]): ListedEntry {
  const [name, data, attempts, recordedAt, reason, failure, fence, due] = job;
  const state: EntryState = fence ? 'sending' : reason ? 'parked' : due ? 'held' : 'pending';
  return {
    call: callOf(name),
    ...readData(String(data)),
    state,
    attempts: Number(attempts || 0),
    recordedAt: new Date(Number(recordedAt)),
    deliverAt: due ? new Date(Number(due)) : null,
    reason: (reason || null) as ParkedReason | null,
    error: storedError(failure),
  };
}

/** The reason of a failure, as BullMQ's dashboards show it. */
export const failedReason = (reason: string, error: PublicError | null): string =>
  error === null ? reason : `${reason}: ${error.message}`;
