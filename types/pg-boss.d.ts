/**
 * The outbox on pg-boss and Postgres: the order and its conversion in one transaction. Needs the package `pg-boss`.
 *
 * @packageDocumentation
 */

import type { AbortSignalLike, Refport, TrackLeadParams, TrackSaleParams } from '../index.js';
import type {
  ConversionOutbox,
  OutboxListen,
  OutboxStats,
  ParkedEntry,
  QueueOptions,
  Recorded,
  RecordOptions,
} from './outbox.js';

export type {
  CommonOptions,
  ConversionOutbox,
  OutboxEntry,
  OutboxEvents,
  OutboxPause,
  OutboxStats,
  OutboxTrack,
  ParkedEntry,
  ParkedReason,
  QueueOptions,
  Recorded,
  RecordOptions,
} from './outbox.js';

/**
 * What runs statements, as pg-boss wants it. For a client or pool of node-postgres:
 * `{ executeSql: (text, values) => client.query(text, values) }`; pg-boss has `fromKnex`, `fromKysely`, `fromDrizzle` and
 * `fromPrisma` for the others.
 */
export interface PgDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Second argument of {@link PgOutboxTrack.lead} and {@link PgOutboxTrack.sale}. */
export interface PgRecordOptions extends RecordOptions {
  /**
   * Your own transaction, on the same database: the conversion is recorded if it commits, and never if it rolls back. What
   * one turn of the event loop records in it is one statement.
   *
   * @defaultValue recorded at once
   */
  db?: PgDatabase | undefined;
}

/** Records conversions. Its methods can be detached from the object. */
export interface PgOutboxTrack {
  /**
   * Records a lead.
   *
   * @param params - as for `refport.track.lead`, checked in the same way
   * @param options - the id of the conversion, and the transaction to record it in
   * @throws {RefportValidationError} if a field is missing or of the wrong type; nothing is recorded then
   * @throws {RefportError} with the code `OUTBOX_FAILED` (Postgres cannot be used, `cause` says why; its answer may
   * have been lost, recording again with the same `id` is safe) or `CLOSED`
   */
  lead(this: void, params: TrackLeadParams, options?: PgRecordOptions): Promise<Recorded>;
  /**
   * Records a sale.
   *
   * @param params - as for `refport.track.sale`, checked in the same way
   * @param options - the id of the conversion, and the transaction to record it in
   * @throws {RefportError} as {@link PgOutboxTrack.lead} does
   */
  sale(this: void, params: TrackSaleParams, options?: PgRecordOptions): Promise<Recorded>;
}

/** Options of {@link PgOutbox}: one of `connectionString` and `db` is required. */
export interface PgOutboxOptions extends QueueOptions {
  /** Where Postgres is: `'postgres://user:password@host/database'`. */
  connectionString?: string | undefined;
  /** A pool of your own, in the place of `connectionString`. It stays open when the outbox is closed. */
  db?: PgDatabase | undefined;
  /**
   * The schema of pg-boss, which is created if it does not exist: letters, digits and underscores. Outboxes with the same
   * schema share their entries. A producer leaves the version of an existing schema alone; a worker lets pg-boss migrate it.
   *
   * @defaultValue `'pgboss'`
   */
  schema?: string | undefined;
}

/**
 * An outbox in Postgres: entries are jobs of the pg-boss queue `refport-outbox`, parked ones of `refport-outbox-parked`.
 * Workers look for new entries twice a second, and take up to half as many again as they may send at a time. Works with
 * pg-boss from 12.11 on.
 *
 * Unlike the embedded outbox it keeps the process alive until it is closed.
 *
 * @example
 * ```ts
 * import { Refport } from 'refport';
 * import { PgOutbox } from 'refport/outbox/pg-boss';
 *
 * const outbox = new PgOutbox(new Refport(), { connectionString: process.env.DATABASE_URL });
 *
 * await client.query('BEGIN');
 * await client.query('INSERT INTO orders (id, amount) VALUES ($1, $2)', ['order_1', 4900]);
 * const db = { executeSql: (text, values) => client.query(text, values) };
 * await outbox.track.sale({ clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'order_1' }, { db });
 * await client.query('COMMIT');
 * ```
 */
export class PgOutbox implements ConversionOutbox {
  /**
   * Connects in the background, and creates the tables of pg-boss where they are missing. A process warning with the code
   * `REFPORT_OUTBOX_DURABILITY` says if the server's settings allow that it forgets what it has confirmed.
   *
   * @param refport - delivers the entries; the outbox itself retries, not the client's `maxRetries`. `null`: this process
   * has no API key and only records; others deliver
   * @param options - where Postgres is, and what this process does
   * @throws {RefportValidationError} if an option has a bad value
   * @throws {RefportError} with the code `MISSING_DEPENDENCY` if `pg-boss` is not installed, or of a version that does not work
   */
  constructor(refport: Pick<Refport, 'track'> | import('./result.js').Refport | null, options: PgOutboxOptions);
  readonly track: PgOutboxTrack;
  parked(): AsyncIterableIterator<ParkedEntry>;
  resend(id: string): Promise<boolean>;
  discard(id: string): Promise<boolean>;
  stats(): Promise<OutboxStats>;
  resume(): Promise<boolean>;
  adopt(): Promise<number>;
  erase(customerExternalId: string): Promise<number>;
  drained(options?: { signal?: AbortSignalLike | null | undefined }): Promise<void>;
  close(options?: { timeout?: number | undefined }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  readonly on: OutboxListen<this>;
  readonly once: OutboxListen<this>;
  readonly off: OutboxListen<this>;
}
