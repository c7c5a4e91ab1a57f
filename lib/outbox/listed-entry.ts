import type { ParkedReason } from '../../types/outbox.js';
import type { CallName } from './conversion.ts';
import type { SerializedError } from './serialized-error.ts';

/** `held`: pending, with a `deliverAfter` that is not over. */
export type EntryState = 'pending' | 'held' | 'sending' | 'parked';

/** An entry as an operator sees it, in whichever store. */
export interface ListedEntry {
  readonly id: string;
  readonly call: CallName;
  readonly state: EntryState;
  readonly reason: ParkedReason | null;
  readonly attempts: number;
  readonly recordedAt: Date;
  /** When it is due, if it is held. */
  readonly deliverAt: Date | null;
  // biome-ignore lint/suspicious/noExplicitAny: as recorded, of either call
  readonly params: any;
  /** The last failure. */
  readonly error: SerializedError | null;
}
