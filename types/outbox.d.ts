/**
 * Conversions that survive the process, the machine's restart and the API's outage: recorded on disk first, delivered in
 * the background until the API takes them, and never sent again where that could count one twice.
 *
 * @packageDocumentation
 */

import type {
  Refport,
  RefportError,
  TrackLeadParams,
  TrackLeadResponse,
  TrackSaleParams,
  TrackSaleResponse,
} from '../index.js';

declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** Second argument of {@link OutboxTrack.lead} and {@link OutboxTrack.sale}. */
export interface RecordOptions {
  /**
   * Names the conversion, 1 to 500 characters: recording the same id again changes nothing. Ids are remembered while the
   * conversion waits or is parked, and for at least seven days after it was delivered or discarded; of those, the last
   * 1,000,000.
   *
   * @defaultValue for a sale with `invoiceId`, `'sale:'` and that; else a random one
   */
  id?: string | undefined;
  /**
   * Not sent before this: a `Date`, or milliseconds from now. Until then {@link ConversionOutbox.discard} takes the
   * conversion back, as if it had never been. It does not hold up later ones of the same customer.
   *
   * @defaultValue sent as soon as possible
   */
  deliverAfter?: Date | number | undefined;
  /**
   * Sends the conversion again when it may have been counted already, instead of parking it: at least once instead of at
   * most once. It makes no difference for a sale with `invoiceId`, which the API counts once.
   *
   * @defaultValue as the outbox's option of this name
   */
  retryAmbiguous?: boolean | undefined;
}

/** What recording a conversion returns. */
export interface Recorded {
  /** Names the conversion: for {@link ConversionOutbox.resend} and {@link ConversionOutbox.discard}. */
  readonly id: string;
  /** Whether this id had been recorded before; nothing was changed then. */
  readonly duplicate: boolean;
}

/** Records conversions. Its methods can be detached from the object. */
export interface OutboxTrack {
  /**
   * Records a lead. When the promise resolves it is on disk; delivery follows in the background.
   *
   * @param params - as for `refport.track.lead`, checked in the same way
   * @param options - the id of the conversion
   * @throws {RefportValidationError} if a field is missing or of the wrong type; nothing is recorded then
   * @throws {RefportError} with the code `OUTBOX_FULL` (as many wait as are allowed), `OUTBOX_FAILED` (the store
   * cannot be used, `cause` says why) or `CLOSED`; nothing is recorded then
   */
  lead(this: void, params: TrackLeadParams, options?: RecordOptions): Promise<Recorded>;
  /**
   * Records a sale. When the promise resolves it is on disk; delivery follows in the background.
   *
   * @param params - as for `refport.track.sale`, checked in the same way
   * @param options - the id of the conversion
   * @throws {RefportError} as {@link OutboxTrack.lead} does
   */
  sale(this: void, params: TrackSaleParams, options?: RecordOptions): Promise<Recorded>;
}

/** A conversion in the outbox. */
export type OutboxEntry = {
  /** Its id. */
  readonly id: string;
  /** When it was recorded. */
  readonly recordedAt: Date;
  /** How many requests were sent for it so far. */
  readonly attempts: number;
} & (
  | {
      /** Which call. */
      readonly call: 'lead';
      /** What was recorded. */
      readonly params: TrackLeadParams;
    }
  | { readonly call: 'sale'; readonly params: TrackSaleParams }
);

/**
 * Why an entry is parked: `'rejected'`, the API will never take it as it is; `'ambiguous'`, it may have been counted, and
 * sending it again could count it twice; `'expired'`, it is older than `maxAge`.
 */
export type ParkedReason = 'rejected' | 'ambiguous' | 'expired';

/** An entry that waits for a person's decision. */
export type ParkedEntry = OutboxEntry & {
  /** Why. */
  readonly reason: ParkedReason;
  /** The last failure; `null` if it was never sent. */
  readonly error: RefportError | null;
};

/** How much waits. */
export interface OutboxStats {
  /** Entries that wait to be sent and are due. */
  readonly pending: number;
  /** Entries that wait for their `deliverAfter`. */
  readonly held: number;
  /** Entries that are on the wire. */
  readonly sending: number;
  /** Entries that wait for a decision. */
  readonly parked: number;
  /** Entries in the same store that were recorded for another API key or base URL, in any state. They are left alone. */
  readonly foreign: number;
  /** When the oldest entry that is pending or sending was recorded. */
  readonly oldest: Date | null;
}

/** Why and until when nothing is delivered. */
export interface OutboxPause {
  /** What happened: the API is away, asks for time, or does not accept the key; or the store has failed. */
  readonly error: RefportError;
  /** When the next entry is tried. */
  readonly until: Date;
}

/** The events, with the arguments of their listeners. */
export interface OutboxEvents {
  /** The API has taken an entry. */
  delivered: [entry: OutboxEntry, response: TrackLeadResponse | TrackSaleResponse | null];
  /** An entry waits for a decision from now on. */
  parked: [entry: ParkedEntry, error: RefportError | null];
  /** Nothing is delivered for a while, except for one entry at a time to try. */
  paused: [pause: OutboxPause];
  /** Delivery goes on. */
  resumed: [];
}

/** How listeners are added and removed: one signature for each event. */
export interface OutboxListen<Self> {
  (event: 'delivered', listener: (...args: OutboxEvents['delivered']) => void): Self;
  (event: 'parked', listener: (...args: OutboxEvents['parked']) => void): Self;
  (event: 'paused', listener: (...args: OutboxEvents['paused']) => void): Self;
  (event: 'resumed', listener: (...args: OutboxEvents['resumed']) => void): Self;
  <Name extends keyof OutboxEvents>(event: Name, listener: (...args: OutboxEvents[Name]) => void): Self;
}

/**
 * What every outbox can do, whatever it keeps its entries in. Events are emitted where an entry is delivered, which is
 * in one of the processes that share the outbox.
 */
export interface ConversionOutbox {
  /** Records conversions. */
  readonly track: OutboxTrack;
  /**
   * The parked entries, oldest first. Entries that are resent or discarded on the way are no problem.
   *
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  parked(): AsyncIterableIterator<ParkedEntry>;
  /**
   * Sends a parked entry again, behind what waits. For an `'ambiguous'` one that is the decision that it was not counted.
   *
   * @param id - of the entry
   * @returns whether there was a parked entry of that id
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  resend(id: string): Promise<boolean>;
  /**
   * Removes an entry for good: a parked one, or one that waits and has not been sent.
   *
   * @param id - of the entry
   * @returns whether there was such an entry; `false` also for one that is on the wire, or may have been counted
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  discard(id: string): Promise<boolean>;
  /**
   * Counts the entries, those of other processes included.
   *
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  stats(): Promise<OutboxStats>;
  /**
   * Ends a pause: what waits is sent at once, in all processes.
   *
   * @returns whether there was a pause
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  resume(): Promise<boolean>;
  /**
   * Takes over the entries that were recorded for another API key or base URL, as after a key was replaced: they are sent
   * with the key of this process.
   *
   * @returns how many
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  adopt(): Promise<number>;
  /**
   * Removes what is stored about a customer, in every state but on the wire. Ids stay known.
   *
   * @param customerExternalId - of the customer
   * @returns how many entries were removed
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  erase(customerExternalId: string): Promise<number>;
  /**
   * Resolves when nothing is due or sending; entries that are held are not waited for. The process is kept alive meanwhile.
   *
   * @param options - `signal` gives up waiting
   * @throws {RefportAbortError} if `signal` fired
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  drained(options?: { signal?: import('../index.js').AbortSignalLike | null | undefined }): Promise<void>;
  /**
   * Takes no more (code `CLOSED`), lets what is on the wire finish, and lets go of the store. What waits stays recorded.
   * Idempotent.
   *
   * @param options - `timeout`: milliseconds to wait for what is on the wire, default 10 000. What is cut off then and
   * may have been counted is parked as `'ambiguous'`, unless it is a sale with `invoiceId`, which is sent again.
   */
  close(options?: { timeout?: number | undefined }): Promise<void>;
  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Adds a listener, as in `node:events`. What it throws is an uncaught exception, and changes nothing in the outbox. */
  readonly on: OutboxListen<this>;
  /** Adds a listener for one time, as in `node:events`. */
  readonly once: OutboxListen<this>;
  /** Removes a listener, as in `node:events`. */
  readonly off: OutboxListen<this>;
}

/** Options that all outboxes have in common. */
export interface CommonOptions {
  /**
   * The most entries that this process sends at a time, 1 to 256. Those of one `customerExternalId` are sent one after the
   * other, whichever process sends them.
   *
   * @defaultValue `8`
   */
  concurrency?: number | undefined;
  /**
   * Milliseconds after which an entry that could not be delivered is parked as `'expired'`, counted from when it was due.
   *
   * @defaultValue 72 hours
   */
  maxAge?: number | undefined;
  /**
   * Milliseconds for which entries that the API rejected stay parked. Ambiguous and expired ones stay until somebody decides.
   *
   * @defaultValue 30 days
   */
  keepRejected?: number | undefined;
  /**
   * Default of {@link RecordOptions.retryAmbiguous}.
   *
   * @defaultValue `false`
   */
  retryAmbiguous?: boolean | undefined;
  /**
   * Takes over, when the outbox is opened, the entries that were recorded for another API key or base URL.
   *
   * @defaultValue `false`: they are left alone and counted, and a process warning with the code `REFPORT_OUTBOX_FOREIGN` says so
   */
  adopt?: boolean | undefined;
}

/** Options that the outboxes on queues have in common: `refport/outbox/bullmq` and `refport/outbox/pg-boss`. */
export interface QueueOptions extends CommonOptions {
  /**
   * `'producer'` records and delivers nothing, `'worker'` delivers and records nothing, `'both'` does both.
   *
   * @defaultValue `'both'`; `'producer'` without a client
   */
  role?: 'producer' | 'worker' | 'both' | undefined;
  /**
   * Milliseconds that recording waits for the store before it rejects with the code `OUTBOX_FAILED`.
   *
   * @defaultValue `3000`
   */
  recordTimeout?: number | undefined;
}

/** Options of {@link Outbox}. */
export interface OutboxOptions extends CommonOptions {
  /**
   * The file; it and missing folders above it are created, readable by their owner only. Next to it appear files of the
   * same name ending in `-wal`, `-shm`, `-lock` and, except on Windows, `-sock`, a socket by which processes notify each
   * other. It must be on a local disk that outlives the process. Processes of one machine may share it.
   */
  path: string;
  /**
   * The most entries that wait; beyond it recording rejects with the code `OUTBOX_FULL`. As many may be parked; beyond
   * that, the oldest rejected ones are removed.
   *
   * @defaultValue `100000`
   */
  maxEntries?: number | undefined;
}

/**
 * An outbox in a SQLite file. Needs the native engine. What is recorded is delivered by one of the processes that have
 * the file open; when that one ends, another takes over.
 *
 * An outbox keeps no process alive by itself.
 *
 * @example
 * ```ts
 * import { Refport } from 'refport';
 * import { Outbox } from 'refport/outbox';
 *
 * const outbox = new Outbox(new Refport(), { path: '/var/lib/shop/refport.db' });
 * outbox.on('parked', (entry) => console.error('A conversion needs a decision:', entry.id, entry.reason));
 *
 * await outbox.track.sale({ clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'in_1' });
 * ```
 */
export class Outbox implements ConversionOutbox {
  /**
   * @param refport - delivers the entries; its own `maxRetries` is not used for that. `null`: this process has no API key and
   * only records; another one that has the file open delivers
   * @param options - where the file is, and its bounds
   * @throws {RefportValidationError} if an option has a bad value, or the engine is `fetch`
   */
  constructor(refport: Pick<Refport, 'track'> | import('./result.js').Refport | null, options: OutboxOptions);
  readonly track: OutboxTrack;
  parked(): AsyncIterableIterator<ParkedEntry>;
  resend(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
  stats(): Promise<OutboxStats>;
  resume(): Promise<boolean>;
  adopt(): Promise<number>;
  erase(customerExternalId: string): Promise<number>;
  drained(options?: { signal?: import('../index.js').AbortSignalLike | null | undefined }): Promise<void>;
  close(options?: { timeout?: number | undefined }): Promise<void>;
  /**
   * Writes a consistent copy of the file, while the outbox works. Copying the file by other means can damage it.
   *
   * @param path - of the copy; nothing may be there yet
   * @throws {RefportError} with the code `OUTBOX_FAILED` or `CLOSED`
   */
  backup(path: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  readonly on: OutboxListen<this>;
  readonly once: OutboxListen<this>;
  readonly off: OutboxListen<this>;
}
