/**
 * A sandbox of the Refport API for tests and for the desk: a real HTTP server on loopback that answers as the API
 * does, keeps what it received and fails on purpose when told to.
 *
 * @packageDocumentation
 */
import type {
  CreateEmbedTokenParams,
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

/** The three calls of the API, by the names that faults and requests use for them. */
export type SandboxCall = 'lead' | 'sale' | 'token';

/** A partner's link, as the API describes it in the answer to a lead. */
export type SandboxLink = TrackLeadResponse['link'];

/** A click to register with the sandbox. A string stands for `{ id }`. */
export interface SandboxClickInput {
  /** Id of the click, as a visitor's `refp_id` cookie holds it. */
  id: string;
  /**
   * Name of the partner whose link was clicked, as in `/go/<partner>`: letters, digits, `.`, `_` and `-`.
   *
   * @defaultValue `'ada'`
   */
  partner?: string | undefined;
  /**
   * The link that was clicked. `null` makes a click without one: a lead for it is answered with `null`.
   * Fields that are left out are made up from the partner's name.
   */
  link?: Partial<SandboxLink> | null | undefined;
}

/** A click that the sandbox knows. */
export interface SandboxClick {
  readonly id: string;
  readonly at: Date;
  /** Name of the partner; `null` for a click without link. */
  readonly partner: string | null;
  readonly link: SandboxLink | null;
}

/** What a commission function is told about a sale. */
export interface CommissionInput {
  /** Amount in the smallest unit of the currency. */
  amount: number;
  /** The currency, as sent, or `'usd'`. */
  currency: string;
  /** The parameters of the call, as sent. */
  params: TrackSaleParams;
  /** The click that the sale belongs to. */
  click: SandboxClick;
}

/** What a partner earns: a share of the amount, the same for each sale, or whatever a function says. */
export type CommissionRule = { percent: number } | { flat: number } | ((sale: CommissionInput) => number);

/** Where an outbox keeps its entries: the file of an `Outbox`, the Redis of a `BullOutbox`, the database of a `PgOutbox`. */
export type SandboxOutbox =
  | {
      /** The file; it may be created later. */
      path: string;
    }
  | {
      /** URL of the server. */
      redis: string;
      /** @defaultValue `'bull'` */
      prefix?: string | undefined;
    }
  | {
      /** URL of the database. */
      postgres: string;
      /** @defaultValue `'pgboss'` */
      schema?: string | undefined;
    };

/** Options of {@link createSandbox}. Every one has a default. */
export interface SandboxOptions {
  /**
   * Port to listen on; `0` takes a free one.
   *
   * @defaultValue `0`
   */
  port?: number | undefined;
  /**
   * Keys that are accepted. The first is {@link Sandbox.apiKey}.
   *
   * @defaultValue `['sandbox_key']`
   */
  apiKeys?: readonly string[] | undefined;
  /**
   * Clicks that are known from the start.
   *
   * @defaultValue `[{ id: 'click_1' }, { id: 'click_unlinked', link: null }]`
   */
  clicks?: ReadonlyArray<string | SandboxClickInput> | undefined;
  /**
   * Milliseconds from receiving a call to answering it, or the lowest and highest of a range.
   *
   * @defaultValue `0`
   */
  latency?: number | readonly [lowest: number, highest: number] | undefined;
  /**
   * What a partner earns on a sale, rounded to a whole number. Sales of a click without link earn nothing.
   *
   * @defaultValue `{ percent: 20 }`
   */
  commission?: CommissionRule | undefined;
  /**
   * Whether the program is active. If not, embed tokens are refused with 404 `NOT_FOUND`.
   *
   * @defaultValue `true`
   */
  program?: boolean | undefined;
  /**
   * Milliseconds that an embed token is good for.
   *
   * @defaultValue `900000` (15 minutes)
   */
  tokenLifetime?: number | undefined;
  /**
   * Where short links (`/go/<partner>`) lead: an `http:` or `https:` URL.
   *
   * @defaultValue `'http://localhost:3000/'`
   */
  appUrl?: string | undefined;
  /**
   * Serve over TLS with a certificate of a throw-away authority, see {@link Sandbox.ca}.
   *
   * @defaultValue `false`, or `true` with `http2`
   */
  https?: boolean | undefined;
  /**
   * Offer HTTP/2 next to HTTP/1.1, negotiated in the TLS handshake; implies `https`.
   *
   * @defaultValue `false`
   */
  http2?: boolean | undefined;
  /**
   * Host names to accept in the `Host` header, next to `localhost`, `127.0.0.1` and `[::1]`. Requests for others
   * are refused, so that a web page cannot reach the sandbox by rebinding its own name.
   */
  allowedHosts?: readonly string[] | undefined;
  /**
   * File to keep clicks, leads, sales, tokens and requests in. It is read at the start, and what a call changes is
   * on the disk before the call is answered. One sandbox at a time may use it.
   */
  data?: string | undefined;
  /**
   * Keep only so many requests, the newest, for a sandbox that runs for days. Leads and sales are all kept.
   *
   * @defaultValue `Infinity`
   */
  maxRequests?: number | undefined;
  /**
   * The outbox of the app that reports to this sandbox. The dashboard shows what waits in it, what is held and what is
   * parked, and can send entries again or discard them. It never delivers anything itself.
   */
  outbox?: SandboxOutbox | undefined;
  /** Makes `probability` of faults and ranges of `latency` repeatable. Any whole number; random when not given. */
  seed?: number | undefined;
}

/** What the sandbox answered. */
export interface SandboxResponse {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that arrived, except those for the sandbox's own pages. */
export interface SandboxRequest {
  /** Counts from 1 in order of arrival. */
  readonly id: number;
  readonly at: Date;
  /** Which call of the API it was; `'click'` for `/go/…`, `'portal'` for `/embed/…`, `null` for anything else. */
  readonly call: SandboxCall | 'click' | 'portal' | null;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly httpVersion: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The body as parsed JSON; `undefined` if it is none. */
  readonly json: unknown;
  /** Which kinds of fault it met. */
  readonly faults: readonly FaultKind[];
  /**
   * `'pending'` until it is `'answered'`, `'dropped'` by a fault, or `'aborted'` because the client went away.
   */
  readonly outcome: 'pending' | 'answered' | 'dropped' | 'aborted';
  /** The answer, as far as there was one. */
  readonly response: SandboxResponse | null;
  /** Milliseconds from arrival to the outcome. */
  readonly duration: number | null;
}

/** A lead that was recorded. */
export interface SandboxLead {
  /** Counts from 1. */
  readonly id: number;
  readonly at: Date;
  /** Id of the {@link SandboxRequest}. */
  readonly requestId: number;
  /** The parameters exactly as sent, unknown fields included. */
  readonly params: TrackLeadParams;
  /** The answer; `null` for a click without link. */
  readonly response: TrackLeadResponse | null;
}

/** A sale that was recorded. Repetitions of an invoice are not: they get the answer of the first. */
export interface SandboxSale {
  /** Counts from 1. */
  readonly id: number;
  readonly at: Date;
  /** Id of the {@link SandboxRequest}. */
  readonly requestId: number;
  /** The parameters exactly as sent, unknown fields included. */
  readonly params: TrackSaleParams;
  readonly response: TrackSaleResponse;
}

/** An embed token that was minted. */
export interface SandboxToken {
  /** Counts from 1. */
  readonly id: number;
  readonly at: Date;
  /** Id of the {@link SandboxRequest}. */
  readonly requestId: number;
  /** The parameters exactly as sent, unknown fields included. */
  readonly params: CreateEmbedTokenParams;
  readonly publicToken: string;
  readonly expires: Date;
  /** Name of the partner whose portal it opens. */
  readonly partner: string;
}

/** What kinds of fault there are. */
export type FaultKind = 'fail' | 'drop' | 'delay' | 'reply';

/** What all faults have in common. */
export interface FaultOptions {
  /**
   * Which call it concerns.
   *
   * @defaultValue `'any'`
   */
  on?: SandboxCall | 'any' | undefined;
  /**
   * How many calls it hits before it is used up.
   *
   * @defaultValue `1`, or `Infinity` with `probability`
   */
  times?: number | undefined;
  /**
   * The chance of each call to be hit, above 0 and up to 1.
   *
   * @defaultValue `1`
   */
  probability?: number | undefined;
  /**
   * Whether the fault strikes before the call takes effect, or after: a sale is then recorded although the client
   * learns nothing of it.
   *
   * @defaultValue `'before'`, but `'after'` for a delay
   */
  when?: 'before' | 'after' | undefined;
  /**
   * A fault that is not enabled hits nothing until {@link Fault.enable} is called.
   *
   * @defaultValue `true`
   */
  enabled?: boolean | undefined;
}

/** Options of {@link Sandbox.fail}. */
export interface FailOptions extends FaultOptions {
  /**
   * HTTP status, 400 to 599.
   *
   * @defaultValue `500`
   */
  status?: number | undefined;
  /**
   * Code in the body.
   *
   * @defaultValue what the API sends with that status
   */
  code?: string | undefined;
  /** Message in the body. */
  message?: string | undefined;
  /** Sent as `Retry-After`: a number of seconds, or the header's text (an HTTP date). */
  retryAfter?: number | string | undefined;
  /** More headers. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Options of {@link Sandbox.drop}. */
export interface DropOptions extends Omit<FaultOptions, 'when'> {
  /**
   * When the connection is reset: before the call takes effect, after, or `'during'` the answer, which breaks off
   * half-way through its body.
   *
   * @defaultValue `'before'`
   */
  when?: 'before' | 'after' | 'during' | undefined;
}

/** Options of {@link Sandbox.delay}. */
export interface DelayOptions extends FaultOptions {
  /** Milliseconds to wait. */
  ms: number;
}

/** Options of {@link Sandbox.reply}. */
export interface ReplyOptions extends FaultOptions {
  /**
   * HTTP status, 200 to 599.
   *
   * @defaultValue `200`
   */
  status?: number | undefined;
  /** Headers; the content type is `application/json` unless given here. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Text to send as it is, or a value to send as JSON. Nothing is sent when it is not given. */
  body?: unknown;
}

/** A fault that was programmed. */
export interface Fault {
  readonly id: number;
  readonly kind: FaultKind;
  readonly on: SandboxCall | 'any';
  /** How many calls it will still hit; `Infinity` for ever. */
  readonly remaining: number;
  /** How many calls it has hit. */
  readonly hits: number;
  readonly enabled: boolean;
  /** What it does, in words. */
  readonly description: string;
  /** Lets it hit calls. */
  enable(): void;
  /** Keeps it from hitting calls until it is enabled again. */
  disable(): void;
  /** Takes it away for good. */
  remove(): void;
}

/** Options of the `waitFor…` methods. */
export interface WaitOptions {
  /**
   * Milliseconds to wait.
   *
   * @defaultValue `5000`
   */
  timeout?: number | undefined;
}

/** What {@link Sandbox.subscribe} reports. A request comes twice: on arrival (`'pending'`) and with its outcome. */
export type SandboxEvent =
  | { type: 'request'; request: SandboxRequest }
  | { type: 'click'; click: SandboxClick }
  | { type: 'lead'; lead: SandboxLead }
  | { type: 'sale'; sale: SandboxSale }
  | { type: 'token'; token: SandboxToken }
  | { type: 'faults'; faults: readonly Fault[] }
  | { type: 'reset' };

/** A running sandbox. The arrays stay the same objects for its lifetime; {@link Sandbox.reset} empties them. */
export interface Sandbox {
  /** Address without trailing slash: the client's `baseUrl`. The dashboard is there too, in a browser. */
  readonly url: string;
  /** A key that is accepted: the client's `apiKey`. */
  readonly apiKey: string;
  /** Id of the first click that has a link. */
  readonly clickId: string;
  /** PEM of the certificate authority, for the client's `ca`; `undefined` without `https`. */
  readonly ca: string | undefined;
  readonly clicks: readonly SandboxClick[];
  readonly requests: readonly SandboxRequest[];
  readonly leads: readonly SandboxLead[];
  readonly sales: readonly SandboxSale[];
  readonly tokens: readonly SandboxToken[];
  /** The faults that are programmed and not used up, in the order in which they apply. */
  readonly faults: readonly Fault[];

  /**
   * Makes a click known.
   *
   * @throws {SandboxError} if the click is not valid or its id is taken
   */
  addClick(click: string | SandboxClickInput): SandboxClick;

  /** Answers calls with an error of the API or of a gateway in front of it. @throws {SandboxError} on misuse */
  fail(options?: FailOptions): Fault;
  /** Resets the connection instead of answering. @throws {SandboxError} on misuse */
  drop(options?: DropOptions): Fault;
  /** Lets calls wait, in addition to `latency`; other faults still apply. @throws {SandboxError} on misuse */
  delay(options: DelayOptions): Fault;
  /** Answers calls with anything at all. @throws {SandboxError} on misuse */
  reply(options?: ReplyOptions): Fault;
  /** Removes all faults. */
  clearFaults(): void;

  /**
   * Resolves with the first request that fits, of those that have arrived and those to come. The predicate is asked
   * on arrival and again when the outcome is known.
   *
   * @throws {SandboxError} code `TIMEOUT` if there is none in time, `CLOSED` or `RESET` if the sandbox was
   * closed or reset meanwhile
   */
  waitForRequest(predicate?: (request: SandboxRequest) => boolean, options?: WaitOptions): Promise<SandboxRequest>;
  /** Resolves with the first lead that fits, recorded already or later. @throws like {@link waitForRequest} */
  waitForLead(predicate?: (lead: SandboxLead) => boolean, options?: WaitOptions): Promise<SandboxLead>;
  /** Resolves with the first sale that fits, recorded already or later. @throws like {@link waitForRequest} */
  waitForSale(predicate?: (sale: SandboxSale) => boolean, options?: WaitOptions): Promise<SandboxSale>;
  /** Resolves with the first token that fits, minted already or later. @throws like {@link waitForRequest} */
  waitForToken(predicate?: (token: SandboxToken) => boolean, options?: WaitOptions): Promise<SandboxToken>;

  /** Calls the listener with everything that happens from now on. Returns a function that ends it. */
  subscribe(listener: (event: SandboxEvent) => void): () => void;

  /**
   * Goes back to the beginning: the clicks of the options, no requests, leads, sales, tokens and faults. Requests in
   * flight are cut off. A `data` file is emptied.
   */
  reset(): void;
  /** Stops the server and cuts off what is in flight. Calling it again does nothing. */
  close(): Promise<void>;
  /** Calls {@link Sandbox.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What the sandbox throws when it is misused, and what `waitFor…` rejects with. */
export class SandboxError extends Error {
  /** `INVALID_OPTION` names the option in the message; the others say why waiting ended. */
  readonly code: 'INVALID_OPTION' | 'TIMEOUT' | 'CLOSED' | 'RESET';
}

/**
 * Starts a sandbox of the Refport API on 127.0.0.1.
 *
 * @param options - none are needed
 * @returns the running sandbox; close it, or declare it with `await using`
 * @throws {SandboxError} if an option is not valid
 *
 * @example
 * ```ts
 * import { Refport } from 'refport';
 * import { createSandbox } from 'refport/testing';
 *
 * const sandbox = await createSandbox();
 * const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
 * await refport.track.sale({ clickId: sandbox.clickId, customerExternalId: 'user_1', amount: 4900 });
 * console.log(sandbox.sales[0]?.params.amount); // 4900
 * await sandbox.close();
 * ```
 */
export function createSandbox(options?: SandboxOptions): Promise<Sandbox>;
