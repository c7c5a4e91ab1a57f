/**
 * Refport for Node.js, with results instead of exceptions: every method resolves `{ data, error }`.
 *
 * @packageDocumentation
 */

import type {
  CloseOptions,
  CreateEmbedTokenParams,
  EmbedTokenResponse,
  RefportError,
  RefportOptions,
  RequestOptions,
  TrackLeadParams,
  TrackLeadResponse,
  TrackSaleParams,
  TrackSaleResponse,
} from '../index.js';

export type {
  AbortSignalLike,
  CapturedClick,
  CaptureOptions,
  CloseOptions,
  CreateEmbedTokenParams,
  EmbedTokenResponse,
  PaymentProcessor,
  RefportConfig,
  RefportErrorCode,
  RefportErrorDetails,
  RefportOptions,
  RefportRequestMessage,
  RequestHeaders,
  RequestOptions,
  TrackCustomer,
  TrackLeadParams,
  TrackLeadResponse,
  TrackSaleParams,
  TrackSaleResponse,
} from '../index.js';
export {
  captureClickId,
  getClickIdFromCookie,
  getClickIdFromRequest,
  RefportAbortError,
  RefportAuthError,
  RefportConnectionError,
  RefportError,
  RefportNotFoundError,
  RefportRateLimitError,
  RefportTimeoutError,
  RefportValidationError,
} from '../index.js';

/** Outcome of a call: exactly one of `data` and `error` is set, unless the data itself is `null`. */
export type Result<T> = { data: T; error: null } | { data: null; error: RefportError };

/** Reports conversions. Its methods can be detached from the object. */
export interface Track {
  /**
   * Reports a lead, such as a sign-up.
   *
   * @param params - who signed up after which click
   * @param options - settings for this call alone
   * @returns the recorded lead as `data`, which is `null` when the click belongs to no link; test `error` to tell
   */
  lead(this: void, params: TrackLeadParams, options?: RequestOptions): Promise<Result<TrackLeadResponse | null>>;
  /**
   * Reports a sale.
   *
   * @param params - who paid how much after which click
   * @param options - settings for this call alone
   * @returns the recorded sale as `data`
   */
  sale(this: void, params: TrackSaleParams, options?: RequestOptions): Promise<Result<TrackSaleResponse>>;
}

/** Mints tokens for the embedded partner portal. Its methods can be detached from the object. */
export interface EmbedTokens {
  /**
   * Mints a short-lived token with which the browser shows a partner's portal.
   *
   * @param params - whose portal: a tenant, an enrollment or a partner
   * @param options - settings for this call alone
   * @returns the token and when it expires as `data`
   */
  create(this: void, params: CreateEmbedTokenParams, options?: RequestOptions): Promise<Result<EmbedTokenResponse>>;
}

/**
 * A client of the Refport API whose methods never reject: what the main entry throws comes as `error`.
 *
 * @example
 * ```ts
 * import { Refport } from 'refport/result';
 *
 * const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
 * const { data, error } = await refport.track.sale({ clickId: 'abc', customerExternalId: 'user_1', amount: 4900 });
 * if (error) console.error(error.code, error.message);
 * else console.log(data.sale.commissionAmount);
 * ```
 */
export class Refport {
  /**
   * @param config - options; the API key at least must come from here or from `REFPORT_API_KEY`
   * @throws {RefportAuthError} if there is no API key, or it is empty or not a string
   * @throws {RefportValidationError} if another option has a bad value; the message names the option
   */
  constructor(config?: RefportOptions);
  /** As that of the main entry. */
  static readonly engine: 'native' | 'fetch';
  /** Leads and sales. */
  readonly track: Track;
  /** Tokens for the embedded partner portal. */
  readonly embedTokens: EmbedTokens;
  /**
   * Ends the use of this client, such as at SIGTERM: it takes no more calls (their `error` has code `CLOSED`), those in
   * flight finish, and what is left at the timeout is aborted. Other clients go on. It may be called again, with a
   * shorter timeout for example.
   *
   * @param options - how long to wait
   * @returns resolves when every call of this client has ended, whatever became of it
   * @throws {RefportValidationError} if `timeout` is not a number of milliseconds
   */
  close(options?: CloseOptions): Promise<void>;
  /** {@link Refport.close} with the default timeout, for `await using refport = new Refport()`. */
  [Symbol.asyncDispose](): Promise<void>;
}
