/**
 * Refport for Node.js: report leads and sales for a referral click, mint embed tokens and read the click id
 * from whatever request object a framework hands out.
 *
 * These declarations need no other types: neither `@types/node` nor the DOM library.
 *
 * @packageDocumentation
 */

/** Options of {@link Refport}. Every one has a default except the key, which the environment can hold. */
export interface RefportOptions {
  /**
   * Secret API key of the workspace. It is sent as a bearer token and never shows in messages, logs or
   * `util.inspect` output.
   *
   * @defaultValue `process.env.REFPORT_API_KEY`
   */
  apiKey?: string | undefined;
  /**
   * Where the API lives: an `http:` or `https:` URL, with or without a path prefix or trailing slash.
   *
   * @defaultValue `process.env.REFPORT_BASE_URL`, then `'https://app.refport.co'`
   */
  baseUrl?: string | undefined;
  /**
   * Milliseconds that one attempt may take, from the call (waiting for a connection included) to the last byte
   * of the response body. Each retry gets the same time again, and waits are not part of it: to bound a whole call,
   * pass it `signal: AbortSignal.timeout(ms)`.
   *
   * @defaultValue `10000`
   */
  timeout?: number | undefined;
  /**
   * How often a failed call is tried again, at most. Only failures that cannot count a conversion twice are
   * retried, whatever this number is; see {@link RequestOptions.retryAmbiguous}.
   *
   * @defaultValue `2`
   */
  maxRetries?: number | undefined;
  /** Headers to send with every request, next to the client's own. A call's own `headers` win over these. */
  headers?: RequestHeaders | undefined;
  /**
   * URL of an HTTP proxy, credentials included where it needs them, or `false` for none. Unset, proxy variables
   * of the environment count exactly when Node itself heeds them (`NODE_USE_ENV_PROXY=1`, `--use-env-proxy`).
   */
  proxy?: string | false | undefined;
  /** Certificate authorities to trust in addition to those that Node trusts, as PEM text. */
  ca?: string | readonly string[] | undefined;
  /**
   * The most HTTP/1.1 connections to open. Over HTTP/2, which is used where the server offers it, a handful of
   * connections carry any number of calls. Calls beyond that wait in order.
   *
   * @defaultValue `64`
   */
  maxConnections?: number | undefined;
  /**
   * Whether to speak HTTP/2 from the first byte to an `http:` server that is known to support it (*prior knowledge*, or
   * h2c). Over TLS the server offers HTTP/2 anyway, and this changes nothing. Through a proxy it stays HTTP/1.1. Needs the
   * native engine.
   *
   * @defaultValue `false`
   */
  http2?: boolean | undefined;
}

/** {@link RefportOptions} with the key, as the JavaScript SDK declares it. */
export interface RefportConfig extends RefportOptions {
  /** See {@link RefportOptions.apiKey}. */
  apiKey: string;
}

/**
 * Header names and values: an object, the `Headers` of any library, a `Map`, or an array of pairs. `undefined` leaves a
 * header out.
 */
export type RequestHeaders =
  | { readonly [name: string]: string | undefined }
  | { forEach(callback: (value: string, name: string) => void): void }
  | ReadonlyArray<readonly [name: string, value: string | undefined]>;

/**
 * What of an `AbortSignal` is used: any `AbortSignal` fits, and so does `AbortSignal.timeout(ms)`.
 * Declared by shape so that these declarations compile without DOM or Node types.
 */
export interface AbortSignalLike {
  /** Whether the signal has fired. */
  readonly aborted: boolean;
  /** Why it fired; becomes the `cause` of the {@link RefportAbortError}. */
  readonly reason?: unknown;
  /** Called once per call with `'abort'`; the listener is removed when the call settles. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Undoes {@link AbortSignalLike.addEventListener}. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Second argument of every method: settings for this call alone. */
export interface RequestOptions {
  /**
   * Milliseconds that one attempt of this call may take. With retries the call takes longer: `signal` bounds all of it.
   *
   * @defaultValue the client's `timeout`
   */
  timeout?: number | undefined;
  /**
   * How often this call is tried again, at most.
   *
   * @defaultValue the client's `maxRetries`
   */
  maxRetries?: number | undefined;
  /**
   * Ends the call: the request in flight is cancelled, a wait between attempts is cut short, and the promise
   * rejects with a {@link RefportAbortError}. The API may have processed what it had already received.
   */
  signal?: AbortSignalLike | null | undefined;
  /** Headers for this call, over the client's `headers`. */
  headers?: RequestHeaders | undefined;
  /**
   * Whether to retry when the API may or may not have processed the request (connection lost after sending,
   * timeout, 408, 500, 502, 503, 504). Sales with an `invoiceId` and embed tokens are retried then anyway, since a
   * repetition is harmless. For leads, and for sales without an `invoiceId`, `true` accepts that a conversion can
   * be recorded twice.
   *
   * @defaultValue `false`
   */
  retryAmbiguous?: boolean | undefined;
}

/** What {@link Track.lead} reports: somebody signed up after a click. */
export interface TrackLeadParams {
  /** Click that led here, as {@link getClickIdFromRequest} returns it. */
  clickId: string;
  /** What happened, for example `'Sign up'`. */
  eventName: string;
  /** Your own id of the customer; later sales refer to it. */
  customerExternalId: string;
  /** E-mail address of the customer. */
  customerEmail?: string | undefined;
  /** Name of the customer. */
  customerName?: string | undefined;
  /** URL of a picture of the customer. */
  customerAvatar?: string | undefined;
  /** Anything JSON can hold; stored with the lead. */
  metadata?: Record<string, unknown> | undefined;
}

/** A customer, as the API knows them. */
export interface TrackCustomer {
  /** Your own id of the customer. */
  externalId: string;
  /** E-mail address. */
  email: string;
  /** Name, where one is known. */
  name: string | null;
}

/** What the API answers to a lead. Fields that the API adds later are on the object too. */
export interface TrackLeadResponse {
  /** Name of the event, as sent. */
  eventName: string;
  /** The click that the lead belongs to. */
  click: {
    /** Id of the click. */
    id: string;
  };
  /** The partner's link that was clicked. */
  link: {
    /** Id of the link. */
    id: string;
    /** Domain of the short link. */
    domain: string;
    /** Path of the short link. */
    key: string;
    /** Where the link leads. */
    url: string;
    /** Program that the link belongs to, if any. */
    programId: string | null;
  };
  /** The customer that the lead was recorded for. */
  customer: TrackCustomer;
}

/** Who processed a payment. */
export type PaymentProcessor = 'stripe' | 'shopify' | 'polar' | 'paddle' | 'revenuecat' | 'custom';

/** What {@link Track.sale} reports: a customer paid. */
export interface TrackSaleParams {
  /** Click that led here, as {@link getClickIdFromRequest} returns it. */
  clickId: string;
  /** Your own id of the customer. */
  customerExternalId: string;
  /** Amount in the smallest unit of the currency: `4900` is $49.00. */
  amount: number;
  /** ISO 4217 code of the currency. The API takes `'usd'` when it is not given. */
  currency?: string | undefined;
  /** What was sold. The API takes `'Purchase'` when it is not given. */
  eventName?: string | undefined;
  /**
   * Your id of the invoice or payment. The API counts each one once, so a sale that carries it can be repeated
   * safely, and is: without it, a call whose outcome is unknown is not retried.
   */
  invoiceId?: string | undefined;
  /** Who processed the payment. */
  paymentProcessor?: PaymentProcessor | undefined;
  /** E-mail address of the customer. */
  customerEmail?: string | undefined;
  /** Name of the customer. */
  customerName?: string | undefined;
  /** URL of a picture of the customer. */
  customerAvatar?: string | undefined;
  /** Anything JSON can hold; stored with the sale. */
  metadata?: Record<string, unknown> | undefined;
}

/** What the API answers to a sale. Fields that the API adds later are on the object too. */
export interface TrackSaleResponse {
  /** Name of the event, as sent or as defaulted by the API. */
  eventName: string;
  /** The customer that the sale was recorded for. */
  customer: TrackCustomer;
  /** The sale and what the partner earns on it. */
  sale: {
    /** Id of the sale. */
    id: string;
    /** Amount in the smallest unit of `currency`. */
    amount: number;
    /** ISO 4217 code of the currency. */
    currency: string;
    /** The partner's commission, in the unit of `amount`. */
    commissionAmount: number;
    /** Where the commission stands. */
    status: 'pending' | 'approved' | 'paid' | 'rejected';
    /** Your id of the invoice, if one was sent. */
    invoiceId: string | null;
    /** Who processed the payment. */
    paymentProcessor: string;
  };
}

/** Whose portal to embed: at least one of the three must be given. */
export type CreateEmbedTokenParams = EmbedTokenTarget &
  ({ tenantId: string | undefined } | { enrollmentId: string | undefined } | { partner: object | undefined });

interface EmbedTokenTarget {
  /** Your own id of the partner. */
  tenantId?: string | undefined;
  /** Refport's id of the partner's enrollment. */
  enrollmentId?: string | undefined;
  /** The partner in person; enrolled when new. */
  partner?:
    | {
        /** E-mail address of the partner. */
        email: string;
        /** Name of the partner. */
        name?: string | undefined;
      }
    | undefined;
}

/** A token with which a browser shows the partner's portal in an iframe. */
export interface EmbedTokenResponse {
  /** Token for the browser. */
  publicToken: string;
  /** When the token stops working. */
  expires: Date;
}

/** Reports conversions. Its methods can be detached from the object. */
export interface Track {
  /**
   * Reports a lead, such as a sign-up.
   *
   * @param params - who signed up after which click; sent as `JSON.stringify(params)`
   * @param options - settings for this call alone
   * @returns the recorded lead, or `null` when the click belongs to no link
   * @throws {RefportValidationError} if a field is missing or of the wrong type (nothing is sent then), or if
   * the API refuses the request or does not know the click (code `INVALID_CLICK_ID`)
   * @throws {RefportAuthError} if the API key is not accepted
   * @throws {RefportRateLimitError} if the API refuses for too many requests, still so after the retries
   * @throws {RefportConnectionError} if no complete answer came
   * @throws {RefportTimeoutError} if it did not come in time
   * @throws {RefportAbortError} if `options.signal` fired
   * @throws {RefportError} on every other failure
   */
  lead(this: void, params: TrackLeadParams, options?: RequestOptions): Promise<TrackLeadResponse | null>;
  /**
   * Reports a sale.
   *
   * @param params - who paid how much after which click; sent as `JSON.stringify(params)`
   * @param options - settings for this call alone
   * @returns the recorded sale with the partner's commission
   * @throws {RefportError} as {@link Track.lead} does
   */
  sale(this: void, params: TrackSaleParams, options?: RequestOptions): Promise<TrackSaleResponse>;
}

/** Mints tokens for the embedded partner portal. Its methods can be detached from the object. */
export interface EmbedTokens {
  /**
   * Mints a short-lived token with which the browser shows a partner's portal.
   *
   * @param params - whose portal: a tenant, an enrollment or a partner
   * @param options - settings for this call alone
   * @returns the token and when it expires
   * @throws {RefportNotFoundError} if there is no active program
   * @throws {RefportError} otherwise as {@link Track.lead} does
   */
  create(this: void, params: CreateEmbedTokenParams, options?: RequestOptions): Promise<EmbedTokenResponse>;
}

/**
 * A client of the Refport API. Make one and share it: clients with equal configuration share connections, and an
 * idle client keeps no process alive. Methods return promises that reject with a {@link RefportError} and with
 * nothing else.
 *
 * @example
 * ```ts
 * import { Refport, getClickIdFromRequest } from 'refport';
 *
 * const refport = new Refport({ apiKey: process.env.REFPORT_API_KEY });
 *
 * export async function POST(request: Request) {
 *   const clickId = getClickIdFromRequest(request);
 *   if (clickId) {
 *     await refport.track
 *       .lead({ clickId, eventName: 'Sign up', customerExternalId: 'user_1' })
 *       .catch((error) => console.error('The lead was not reported:', error));
 *   }
 *   return new Response('welcome');
 * }
 * ```
 */
export class Refport {
  /**
   * @param config - options; the API key at least must come from here or from `REFPORT_API_KEY`
   * @throws {RefportAuthError} if there is no API key, or it is empty or not a string
   * @throws {RefportValidationError} if another option has a bad value; the message names the option
   */
  constructor(config?: RefportOptions);
  /**
   * What sends the calls: `'native'`, the addon, or `'fetch'`, the runtime's own `fetch`, where there is none. The
   * environment variable `REFPORT_ENGINE` forces one of them.
   *
   * @throws {RefportError} with the code `NO_BINARY` if `REFPORT_ENGINE` is `native` and the addon does not load
   */
  static readonly engine: 'native' | 'fetch';
  /** Leads and sales. */
  readonly track: Track;
  /** Tokens for the embedded partner portal. */
  readonly embedTokens: EmbedTokens;
  /**
   * Ends the use of this client, such as at SIGTERM: it takes no more calls (they reject with code `CLOSED`), those in
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

/** Options of {@link Refport.close}. */
export interface CloseOptions {
  /**
   * Milliseconds to wait for calls in flight, retries included; `0` aborts them at once.
   *
   * @defaultValue `10000`
   */
  timeout?: number | undefined;
}

declare global {
  /** As @types/node and the library `esnext.disposable` declare it, which not every project has. */
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/**
 * Finds the click id in a request, whatever the framework: a Fetch `Request`, Next.js' `NextRequest` and
 * `await cookies()`, Express, Fastify, Koa, Hono, h3, SvelteKit, Astro, an `IncomingMessage`, an event of API Gateway or
 * Lambda@Edge, or a plain object with `cookies` or `headers`.
 *
 * @param req - the request, or a cookie store with a `get` method
 * @param cookieName - name of the cookie that the browser SDK wrote
 * @defaultValue `cookieName` is `'refp_id'`
 * @returns the decoded click id, or `null` if there is none; never throws
 */
export function getClickIdFromRequest<T>(req: T & NotARequest<T>, cookieName?: string): string | null;
/**
 * The same function, as the JavaScript SDK declares it.
 *
 * @param req - the request, or a cookie store with a `get` method
 * @param cookieName - name of the cookie that the browser SDK wrote
 * @defaultValue `cookieName` is `'refp_id'`
 * @returns the decoded click id, or `null` if there is none; never throws
 */
export function getClickIdFromRequest<
  T extends {
    headers?: { get(name: string): string | null } | Record<string, string | string[] | undefined>;
    cookies?: Record<string, string>;
  },
>(req: T & NotARequest<T>, cookieName?: string): string | null;

/** Rejects arguments that cannot hold a cookie; the type says what to do instead. */
type NotARequest<T> = [T] extends [null | undefined]
  ? unknown
  : [T] extends [string | null | undefined]
    ? 'A header goes to getClickIdFromCookie(header)'
    : [T] extends [PromiseLike<unknown>]
      ? 'A promise has to be awaited first'
      : T extends { get(name: never): infer Cookie }
        ? IsAny<Cookie> extends true
          ? unknown
          : [Cookie] extends [PromiseLike<unknown>]
            ? 'An asynchronous cookie store: read the cookie yourself, (await cookieStore.get("refp_id"))?.value'
            : unknown
        : string extends keyof T
          ? IsAny<T[keyof T]> extends true
            ? unknown
            : [T[keyof T]] extends [string | undefined]
              ? 'Cookies alone: pass the request that they are of'
              : unknown
          : unknown;

type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * Finds the click id in the value of a `Cookie` header.
 *
 * @param cookieHeader - the header's value, such as `'theme=dark; refp_id=abc'`
 * @param cookieName - name of the cookie that the browser SDK wrote
 * @defaultValue `cookieName` is `'refp_id'`
 * @returns the decoded click id, or `null` if there is none; never throws
 */
export function getClickIdFromCookie(cookieHeader: string | null | undefined, cookieName?: string): string | null;

/** Options of {@link captureClickId}. */
export interface CaptureOptions {
  /**
   * Name of the parameter in the URL.
   *
   * @defaultValue `'refp_id'`
   */
  paramName?: string | undefined;
  /**
   * Name of the cookie; `getClickIdFromRequest` takes the same name.
   *
   * @defaultValue `'refp_id'`
   */
  cookieName?: string | undefined;
  /**
   * Domain whose subdomains get the cookie too, such as `example.com` for a landing page on `www.example.com` and an app on
   * `app.example.com`. Unset: the host of the request alone.
   */
  domain?: string | undefined;
  /** @defaultValue `'/'` */
  path?: string | undefined;
  /**
   * Seconds that the cookie lives, at most 400 days.
   *
   * @defaultValue `7776000`, 90 days
   */
  maxAge?: number | undefined;
  /** @defaultValue `'lax'` */
  sameSite?: 'lax' | 'strict' | 'none' | 'Lax' | 'Strict' | 'None' | undefined;
  /**
   * Whether the browser sends the cookie over HTTPS only.
   *
   * @defaultValue `true`, except on loopback: `localhost`, `127.0.0.1` and `[::1]`
   */
  secure?: boolean | undefined;
  /**
   * Whether the cookie is hidden from scripts, which then cannot replace it with one of their own, that lives shorter. `false`
   * where code in the browser reads the click id.
   *
   * @defaultValue `true`
   */
  httpOnly?: boolean | undefined;
  /**
   * Which click counts if a visitor comes again over another partner's link: `'last'` replaces the cookie, as the browser SDK
   * does; with `'first'`, a request that brings a click id in its cookie gives `null`.
   *
   * @defaultValue `'last'`
   */
  keep?: 'last' | 'first' | undefined;
}

/** What {@link captureClickId} returns for a visit over a partner's link. */
export interface CapturedClick {
  /** The click id, for use in this very request: its cookie arrives with the next one. */
  clickId: string;
  /** Value of a `Set-Cookie` header of the response. The click id in it is percent-encoded. */
  setCookie: string;
}

/**
 * Reads the click id of a visit over a partner's link from the URL, `?refp_id=…`, whatever the framework: see
 * {@link getClickIdFromRequest}. It stores nothing: add `setCookie` to the response, once you may.
 *
 * Browsers with tracking prevention soon delete what scripts store; a cookie that comes from the site's own server lives on.
 *
 * @param request - the request
 * @param options - of the cookie
 * @returns the click id and the header that keeps it; `null` if the URL has no click id (1 to 500 characters without control
 *   characters). No request makes it throw
 * @throws {RefportValidationError} if an option has a bad value; the message names it
 */
export function captureClickId<T>(request: T & NotALanding<T>, options?: CaptureOptions): CapturedClick | null;

/** Rejects arguments that have no URL; the type says what to do instead. */
type NotALanding<T> = [T] extends [null | undefined]
  ? unknown
  : [T] extends [string | null | undefined]
    ? 'Pass the request, not its URL'
    : [T] extends [PromiseLike<unknown>]
      ? 'A promise has to be awaited first'
      : unknown;

/**
 * What subscribers of the tracing channel `refport:request` (`node:diagnostics_channel`) get: one object per call, the
 * same for its `start`, `end`, `asyncStart`, `asyncEnd` and `error` events. It never has the API key, parameters or
 * the response in it.
 */
export interface RefportRequestMessage {
  /** Always `'POST'`. */
  readonly method: string;
  /** Path of the endpoint, such as `'/api/track/lead'`. */
  readonly path: string;
  /** Headers to send with this call; a subscriber of `start` may add to them, such as `traceparent`. */
  readonly headers: Record<string, string>;
  /** How many requests were sent; set when the call has ended. */
  attempt: number;
  /** HTTP status of the last response, `0` without one; set when the call has ended. */
  status: number;
  /** Milliseconds from the call to its end, retries and waits included. */
  duration: number;
  /**
   * Why the call failed, if it did. An error of the API's is of the same class, status and code as the one the caller
   * gets, but without what the API answered: its message, `headers` and `body`, in which it may repeat the parameters.
   */
  error?: RefportError;
}

/** Codes that this package or the API documents. The API may send others, and they are passed on. */
export type RefportErrorCode =
  | 'UNAUTHORIZED'
  | 'VALIDATION_ERROR'
  | 'INVALID_CLICK_ID'
  | 'NOT_FOUND'
  | 'RATE_LIMITED'
  | 'RATE_LIMIT_EXCEEDED'
  | 'CONNECTION_ERROR'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'CLOSED'
  | 'INVALID_RESPONSE'
  | 'INTERNAL_ERROR'
  | 'NO_BINARY'
  | 'UNKNOWN';

/** What an error can be made with, for stubs in tests. */
export interface RefportErrorDetails {
  /** @defaultValue that of the class */
  status?: number | undefined;
  /** @defaultValue that of the class */
  code?: string | undefined;
  /** @defaultValue `0` */
  attempts?: number | undefined;
  /** @defaultValue `false` */
  ambiguous?: boolean | undefined;
  /** @defaultValue `false` */
  retryable?: boolean | undefined;
  /** Seconds. */
  retryAfter?: number | undefined;
  requestId?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
  cause?: unknown;
}

/** Base class of everything that a call rejects with, and the class of statuses that have none of their own. */
export class RefportError extends Error {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
  /**
   * As in the JavaScript SDK.
   *
   * @param status - an HTTP status
   * @param code - an error code
   * @param message - what went wrong
   */
  constructor(status: number, code: string, message: string);
  /** HTTP status that came back; `0` without a response; `422` for input refused before sending. */
  status: number;
  /** The API's own code where it sent one, else the default of the class. */
  code: RefportErrorCode | (string & {});
  /**
   * How often the call was tried: 1, and 1 for each retry. A try counts even if it got no connection (refused, or none free
   * in time); redirects that it followed belong to it. `0` if nothing was tried, as with input refused before sending.
   */
  readonly attempts: number;
  /** Whether the API may have recorded the call: the request left, and no usable answer came back. */
  readonly ambiguous: boolean;
  /**
   * Whether the same call may be sent again, by whoever holds it, without the risk of counting twice, and has a chance to
   * succeed then. `false` for every final answer.
   */
  readonly retryable: boolean;
  /** Seconds that the server asked to wait before another try, if it did. */
  readonly retryAfter: number | undefined;
  /** Id that the server or a gateway gave the request (`x-request-id` and its relatives), if any. */
  readonly requestId: string | undefined;
  /** Headers of the response, names in lower case; `undefined` without a response. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Beginning of the response's body as text; `undefined` without a response. */
  readonly body: string | undefined;
  /** What lies beneath, where something does. */
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript 4.6 and 4.7 declare Error's as Error, later ones as unknown.
  readonly cause?: any;
  /** What `JSON.stringify` writes: the name, the message, and what is documented above but for `cause`. */
  toJSON(): Record<string, unknown>;
}

/** No API key, or one that the API does not accept. Status 401, code `UNAUTHORIZED`. */
export class RefportAuthError extends RefportError {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
}

/**
 * Input that is not valid: found before sending (status 422, `attempts` 0, the message names the field or option) or
 * by the API (status 400 or 422). Code `VALIDATION_ERROR`, or `INVALID_CLICK_ID` if there is no such click.
 */
export class RefportValidationError extends RefportError {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
}

/** Nothing there, such as no active program for an embed token. Status 404, code `NOT_FOUND`. */
export class RefportNotFoundError extends RefportError {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
}

/** Too many requests. Status 429, code as the API sent it, else `RATE_LIMITED`. */
export class RefportRateLimitError extends RefportError {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
}

/**
 * No complete answer: refused, reset, not resolved, not trusted, or cut off. Code `CONNECTION_ERROR`; status 0, or
 * that of the response whose body was cut off.
 */
export class RefportConnectionError extends RefportError {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
}

/** An attempt took longer than `timeout`. Code `TIMEOUT`. */
export class RefportTimeoutError extends RefportConnectionError {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
}

/**
 * The call's `signal` fired, and `cause` is its reason; or the client was closed before the call ended. Code `ABORTED`.
 */
export class RefportAbortError extends RefportError {
  /**
   * @param message - what went wrong
   * @param details - everything else, by name
   */
  constructor(message: string, details?: RefportErrorDetails);
}
