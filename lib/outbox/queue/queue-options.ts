import { RefportValidationError } from '../../client/errors.ts';
import * as check from '../../client/option-values.ts';
import type { CallName } from '../conversion.ts';
import { COMMON_NAMES, type CommonOptions, commonOptions, type Given } from '../outbox-options.ts';

type Send = (params: unknown, options: { signal: AbortSignal; maxRetries: number }) => Promise<unknown>;

/** The client that delivers: of either entry, or any object with its `track`. */
export interface TrackingClient {
  readonly track: Readonly<Record<CallName, Send>>;
}

/** Options that the outboxes on queues share, with the names other libraries give to the same. */
export const QUEUE_NAMES = {
  role: ['mode', 'kind'],
  recordTimeout: ['timeout', 'addtimeout', 'storetimeout', 'commandtimeout'],
  ...COMMON_NAMES,
};

/** How long recording waits for the store, in milliseconds: somebody's sign-up waits for it. */
const RECORD_TIMEOUT = 3000;

export interface QueueOptions extends CommonOptions {
  /** Undefined: this process has no API key, and only records. */
  readonly client: TrackingClient | undefined;
  readonly records: boolean;
  readonly delivers: boolean;
  /** Milliseconds. */
  readonly recordTimeout: number;
}

/** @param name - of the class, for messages */
export function queueOptions(refport: unknown, given: Given, name: string): QueueOptions {
  const client = trackingClient(refport, name);
  const { role = client === undefined ? 'producer' : 'both', recordTimeout = RECORD_TIMEOUT } = given;
  if (role !== 'producer' && role !== 'worker' && role !== 'both') {
    throw new RefportValidationError("role must be 'producer', 'worker' or 'both'");
  }
  if (client === undefined && role !== 'producer') {
    throw new RefportValidationError(`new ${name}(null, …) only records: the role '${role}' needs a client`);
  }
  return {
    ...commonOptions(given),
    client,
    records: role !== 'worker',
    delivers: role !== 'producer',
    recordTimeout: check.milliseconds('recordTimeout', recordTimeout, {}),
  };
}

function trackingClient(refport: unknown, name: string): TrackingClient | undefined {
  if (refport === null) return undefined;
  if (isTrackingClient(refport)) return refport;
  throw new RefportValidationError(
    `new ${name}() needs a client: new ${name}(new Refport(), options); or null in its place to record only`,
  );
}

function isTrackingClient(value: unknown): value is TrackingClient {
  const { track } = (value ?? {}) as { track?: { lead?: unknown; sale?: unknown } };
  return typeof track?.lead === 'function' && typeof track.sale === 'function';
}
