import type { FailureReport } from '../../client/errors.ts';
import { retryAfter } from './retry-after.ts';

/** Longest response body that an error carries, in bytes of UTF-8. */
const MAX_ERROR_BODY = 16 * 1024;

/** Headers under which gateways and APIs return the id of a request, most specific first. */
const REQUEST_ID_HEADERS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'x-amz-request-id',
  'x-correlation-id',
  'x-vercel-id',
  'cf-ray',
];

/** A failure but for status and attempts, which its call adds (src/api/error.rs). */
export type Report = Omit<FailureReport, 'status' | 'attempts'>;

export function failureReport(
  kind: Report['kind'],
  message: string,
  cause?: { message: string; code?: string | undefined },
): Report {
  return { kind, message, cause: cause && { message: cause.message, code: cause.code } };
}

/** Adds what the headers of a response say. */
export function addHeaders(report: Report, headers: Headers): void {
  const all = new Map<string, string>();
  // Node takes a header without a name, and throws if it is looked up by name.
  headers.forEach((value, name) => {
    // There is an entry for each set-cookie.
    const earlier = all.get(name);
    all.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  });
  report.headers = Object.fromEntries(all);
  const id = REQUEST_ID_HEADERS.find((name) => all.has(name));
  report.requestId = id === undefined ? undefined : all.get(id);
  report.retryAfter = retryAfter(headers, Date.now());
}

/** The part of a body that an error carries. */
export function truncatedBody(body: string): string {
  // Stops at a whole character.
  const { read } = new TextEncoder().encodeInto(body, new Uint8Array(MAX_ERROR_BODY));
  return body.slice(0, read);
}
