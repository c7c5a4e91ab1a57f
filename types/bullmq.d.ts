/**
 * The outbox on BullMQ and Redis: for applications on several machines, or without a disk that outlives them. Needs the
 * packages `bullmq` and `ioredis`.
 *
 * @packageDocumentation
 */

import type { AbortSignalLike, Refport } from '../index.js';
import type { ConversionOutbox, OutboxListen, OutboxStats, OutboxTrack, ParkedEntry, QueueOptions } from './outbox.js';

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

/** Options of {@link BullOutbox}. */
export interface BullOutboxOptions extends QueueOptions {
  /**
   * How to reach Redis: options as for ioredis, such as `{ url: 'redis://…' }` or `{ host, port, password, tls }`, or a
   * client of ioredis with `maxRetriesPerRequest: null`. A client of yours stays open when the outbox is closed.
   */
  connection: object;
  /**
   * What the keys in Redis begin with. Outboxes with the same prefix share their entries. On Redis Cluster it must be in
   * braces: `'{refport}'`.
   *
   * @defaultValue `'bull'`
   */
  prefix?: string | undefined;
  /**
   * Waits for more than Redis' own answer, when a conversion is recorded and before it is sent: `fsync`, until it is on the
   * server's disk (`WAITAOF`, Redis 7.2 or newer); `replicas`, until so many replicas have it (`WAIT`). If they do not in
   * time, recording rejects with the code `OUTBOX_FAILED`, and nothing is sent.
   *
   * @defaultValue neither: as durable as the server's `appendfsync`
   */
  waitFor?: { fsync?: boolean | undefined; replicas?: number | undefined } | undefined;
}

/**
 * An outbox in Redis: entries are jobs of the BullMQ queue `refport-outbox`, parked ones its failed jobs. It holds what
 * Redis holds: set `appendonly yes`, and `appendfsync always` if a power failure must not cost the last second. Workers take
 * up to half as many entries again as they may send at a time, but none that must not be sent twice.
 *
 * Unlike the embedded outbox it keeps the process alive until it is closed.
 *
 * @example
 * ```ts
 * import { Refport } from 'refport';
 * import { BullOutbox } from 'refport/outbox/bullmq';
 *
 * const outbox = new BullOutbox(new Refport(), { connection: { url: process.env.REDIS_URL } });
 * await outbox.track.sale({ clickId, customerExternalId: 'user_1', amount: 4900, invoiceId: 'in_1' });
 * ```
 */
export class BullOutbox implements ConversionOutbox {
  /**
   * Connects in the background.
   *
   * @param refport - delivers the entries; the outbox itself retries, not the client's `maxRetries`. `null`: this process
   * has no API key and only records; others deliver
   * @param options - where Redis is, and what this process does
   * @throws {RefportValidationError} if an option has a bad value
   * @throws {RefportError} with the code `MISSING_DEPENDENCY` if `bullmq` is not installed
   */
  constructor(refport: Pick<Refport, 'track'> | import('./result.js').Refport | null, options: BullOutboxOptions);
  /**
   * Records conversions. When the promise resolves Redis has the conversion. If it rejects with `OUTBOX_FAILED`, the
   * answer of Redis may have been lost: recording it again with the same `id` is safe.
   */
  readonly track: OutboxTrack;
  parked(): AsyncIterableIterator<ParkedEntry>;
  resend(id: string): Promise<boolean>;
  /** As declared; a worker has to run for the entry to be gone, until then it counts as pending. It is not sent. */
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
