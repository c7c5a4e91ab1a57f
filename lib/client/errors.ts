/**
 * The classes of everything the SDK throws, and the one place where failure reports of an engine, and what callers' own
 * objects throw, become errors.
 * @module
 */

import type { RefportErrorCode, RefportErrorDetails } from '../../index.js';

export class RefportError extends Error {
  declare status: number;
  declare code: RefportErrorCode | (string & {});
  declare readonly attempts: number;
  declare readonly ambiguous: boolean;
  declare readonly retryable: boolean;
  declare readonly retryAfter: number | undefined;
  declare readonly requestId: string | undefined;
  declare readonly headers: Readonly<Record<string, string>> | undefined;
  declare readonly body: string | undefined;

  constructor(message: string, details?: RefportErrorDetails);
  constructor(status: number, code: string, message: string);
  constructor(messageOrStatus: string | number, detailsOrCode: RefportErrorDetails | string = {}, text?: string) {
    const details: RefportErrorDetails =
      typeof detailsOrCode === 'string' ? { status: Number(messageOrStatus), code: detailsOrCode } : detailsOrCode;
    const message = typeof messageOrStatus === 'number' ? text : messageOrStatus;
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status ?? 0;
    this.code = details.code ?? 'UNKNOWN';
    this.attempts = details.attempts ?? 0;
    this.ambiguous = details.ambiguous ?? false;
    this.retryable = details.retryable ?? false;
    // Missing where there is no value, so that logs do not show what is undefined.
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
    if (details.requestId !== undefined) this.requestId = details.requestId;
    if (details.headers !== undefined) this.headers = details.headers;
    if (details.body !== undefined) this.body = details.body;
  }

  /** An error's name and message are not enumerable: without this, `JSON.stringify` leaves them out. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries([['name', this.name], ['message', this.message], ...Object.entries(this)]);
  }
}

export class RefportAuthError extends RefportError {
  constructor(message: string, details?: RefportErrorDetails) {
    super(message, withDefaults(details, 'UNAUTHORIZED', 401));
  }
}

export class RefportValidationError extends RefportError {
  constructor(message: string, details?: RefportErrorDetails) {
    super(message, withDefaults(details, 'VALIDATION_ERROR', 422));
  }
}

export class RefportNotFoundError extends RefportError {
  constructor(message: string, details?: RefportErrorDetails) {
    super(message, withDefaults(details, 'NOT_FOUND', 404));
  }
}

export class RefportRateLimitError extends RefportError {
  constructor(message: string, details?: RefportErrorDetails) {
    super(message, withDefaults(details, 'RATE_LIMITED', 429));
  }
}

export class RefportConnectionError extends RefportError {
  constructor(message: string, details?: RefportErrorDetails) {
    super(message, withDefaults(details, 'CONNECTION_ERROR', 0));
  }
}

export class RefportTimeoutError extends RefportConnectionError {
  constructor(message: string, details?: RefportErrorDetails) {
    super(message, withDefaults(details, 'TIMEOUT', 0));
  }
}

export class RefportAbortError extends RefportError {
  constructor(message: string, details?: RefportErrorDetails) {
    super(message, withDefaults(details, 'ABORTED', 0));
  }
}

/** Fills in status and code where they are missing or undefined. */
function withDefaults(details: RefportErrorDetails | undefined, code: string, status: number): RefportErrorDetails {
  return { ...details, status: details?.status ?? status, code: details?.code ?? code };
}

type ErrorClass = new (message: string, details?: RefportErrorDetails) => RefportError;

/** By name. Written out, as bundlers rename classes. */
const errorClasses = new Map<string, ErrorClass>(
  Object.entries({
    RefportError,
    RefportAuthError,
    RefportValidationError,
    RefportNotFoundError,
    RefportRateLimitError,
    RefportConnectionError,
    RefportTimeoutError,
    RefportAbortError,
  }),
);

// On the prototype and not enumerable, like the names of JavaScript's own errors.
for (const [name, { prototype }] of errorClasses) {
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}

/** An error of the class with this name. */
export const errorNamed = (name: string, message: string, details?: RefportErrorDetails): RefportError =>
  new (errorClasses.get(name) ?? RefportError)(message, details);

/** A failure as an engine reports it (`Report` in src/api/error.rs). */
export interface FailureReport {
  kind: 'validation' | 'api' | 'invalidResponse' | 'connection' | 'timeout' | 'aborted' | 'internal';
  message: string;
  status: number;
  attempts: number;
  code?: string | undefined;
  retryAfter?: number | undefined;
  requestId?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
  ambiguous?: boolean | undefined;
  retryable?: boolean | undefined;
  cause?: { message: string; code?: string | undefined } | null | undefined;
}

export function errorFromReport(report: FailureReport): RefportError {
  const { kind, message, cause, ...rest } = report;
  const details: RefportErrorDetails = rest;
  if (cause) details.cause = Object.assign(new Error(cause.message), cause.code && { code: cause.code });
  switch (kind) {
    case 'validation':
      return new RefportValidationError(message, details);
    case 'api':
      return new (classOfStatus(report.status))(message, details);
    case 'invalidResponse':
      return new RefportError(message, { ...details, code: 'INVALID_RESPONSE' });
    case 'connection':
      return new RefportConnectionError(message, details);
    case 'timeout':
      return new RefportTimeoutError(message, details);
    case 'aborted':
      return new RefportAbortError(message, details);
    case 'internal':
      return new RefportError(message, { ...details, code: 'INTERNAL_ERROR' });
  }
}

function classOfStatus(status: number): ErrorClass {
  switch (status) {
    case 400:
    case 422:
      return RefportValidationError;
    case 401:
      return RefportAuthError;
    case 404:
      return RefportNotFoundError;
    case 429:
      return RefportRateLimitError;
    default:
      return RefportError;
  }
}

/** The error of what is asked of a closed client or outbox. Nothing was sent: another one may do it. */
export function closedError(what: 'client' | 'outbox'): RefportError {
  return new RefportError(`The ${what} is closed: it takes no more calls`, { code: 'CLOSED', retryable: true });
}

/**
 * The error for what a caller's own code throws while the SDK reads its values: getters, proxies, toJSON. It can be
 * anything, and looking at it can throw again.
 * @param what could not be done, for the message
 */
export function asRefportError(thrown: unknown, what: string): RefportError {
  return isRefportError(thrown)
    ? thrown
    : new RefportValidationError(`${what}: ${reasonOf(thrown)}`, { cause: thrown });
}

/** `instanceof` that does not throw, whatever it is given. */
export function isRefportError(thrown: unknown): thrown is RefportError {
  try {
    return thrown instanceof RefportError;
  } catch {
    return false;
  }
}

/** The first line of what was thrown. */
export function reasonOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown).split('\n', 1)[0] ?? '';
  } catch {
    return 'for a reason that cannot be shown';
  }
}
