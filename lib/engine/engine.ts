/** The seam between the client and what sends its calls: `native`, the addon, or `fetch`, over the runtime's own `fetch`. */

import type { AbortSignalLike } from '../../index.js';
import type { Operation } from '../client/operations.ts';

export interface Engine {
  readonly name: 'native' | 'fetch';
  /** Set if it stands in for an addon that did not load: why, and what to do about it. */
  readonly fallbackReason?: string;
  /**
   * Does no I/O.
   * @throws {RefportValidationError} for options that only the engine can check, or does not support
   */
  createClient(settings: ClientSettings): EngineClient;
  /**
   * Opens an outbox. Missing if the engine supports none.
   * @param client without one nothing is delivered
   * @param onEvent gets events as src/bridge/outbox writes them; held weakly while no command waits for its reply
   */
  openOutbox?(
    settings: OutboxSettings,
    client: EngineClient | undefined,
    onEvent: (event: unknown) => void,
  ): EngineOutbox;
}

/** Checked options of a client, defaults filled in; units as in index.d.ts. */
export interface ClientSettings {
  apiKey: string;
  /** A normalised URL without trailing slashes. */
  baseUrl: string;
  /** The runtime's name and version, for the user agent. */
  runtime: string;
  timeout: number;
  maxRetries: number;
  maxConnections: number;
  http2: boolean | undefined;
  /** Names in lower case. */
  headers: Record<string, string> | undefined;
  proxy: string | false | undefined;
  ca: string[] | undefined;
}

/** Checked options of one call. */
export interface CallSettings {
  timeout: number | undefined;
  maxRetries: number | undefined;
  /** Names in lower case. */
  headers: Record<string, string> | undefined;
  retryAmbiguous: boolean | undefined;
}

export interface EngineCall {
  operation: Operation;
  isIdempotent: boolean;
  /** Checked parameters as JSON text. */
  params: string;
  options: CallSettings | undefined;
  /** Not aborted when the call begins. */
  signal: AbortSignalLike | undefined;
  /** Called before the call settles. `status` is 0 without a response. */
  onSettled: ((status: number, attempts: number) => void) | undefined;
}

export interface EngineClient {
  /**
   * Resolves with the response, which has been checked to be what the operation promises. Rejects with a `RefportError`
   * that is made when the call settles, so that its stack shows the functions that wait for it.
   */
  perform(call: EngineCall): Promise<unknown>;
  /**
   * Takes no more calls, and waits for those in flight.
   * @param timeout milliseconds after which it aborts what is left
   */
  close(timeout: number): Promise<void>;
}

/** Checked options of an outbox, defaults filled in; units as in types/outbox.d.ts. */
export interface OutboxSettings {
  path: string;
  /** Whether to create the file. */
  create: boolean;
  concurrency: number;
  maxEntries: number;
  maxAge: number;
  keepRejected: number;
  adopt: boolean;
}

export interface EngineOutbox {
  /**
   * Gives a command, such as `record` (src/bridge/outbox).
   * @param argument JSON text or empty
   * @param params JSON text or empty
   * @param signal not aborted yet; gives up waiting for the reply
   */
  send(command: string, argument?: string, params?: string, signal?: AbortSignalLike): Promise<unknown>;
  /** Whether to report deliveries as events. */
  wantDeliveries(wanted: boolean): void;
}
