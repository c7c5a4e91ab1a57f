/**
 * Reports calls to subscribers: the tracing channel `refport:request` and NODE_DEBUG=refport. Neither ever carries the API
 * key, parameters or responses.
 * @module
 */

import { builtin, hasDiagnostics, now } from '#platform';
import type { RefportRequestMessage } from '../../index.js';
import { errorNamed, RefportError } from './errors.ts';
import { headersFromPairs } from './headers.ts';

const channel = hasDiagnostics ? builtin('node:diagnostics_channel').tracingChannel('refport:request') : undefined;
const debug = hasDiagnostics ? builtin('node:util').debuglog('refport') : undefined;

/** Whether there is a subscriber. Checked on every call, so it must stay fast. */
export function isObserved(): boolean {
  if (channel === undefined) return false;
  const { start, end, asyncStart, asyncEnd, error } = channel;
  return (
    start.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers ||
    asyncStart.hasSubscribers ||
    end.hasSubscribers ||
    debug?.enabled === true
  );
}

/**
 * Makes a call and reports its events.
 * @param send gets the headers to send: what subscribers added, such as a trace context, under those of the call
 */
export function observe<T>(
  path: string,
  callHeaders: Record<string, string> | undefined,
  send: (headers: Record<string, string>, onSettled: (status: number, attempts: number) => void) => Promise<T>,
): Promise<T> {
  if (channel === undefined) return send(callHeaders ?? {}, () => {});
  const { start, end, asyncStart, asyncEnd, error: failed } = channel;
  const message: RefportRequestMessage = { method: 'POST', path, headers: {}, attempt: 0, status: 0, duration: 0 };
  const startedAt = now();
  const onSettled = (status: number, attempts: number) => {
    message.attempt = attempts;
    message.status = status;
  };
  const publishEnd = () => {
    message.duration = now() - startedAt;
    const { attempt, duration, status } = message;
    debug?.('%s %s: status %d, attempt %d, %d ms', 'POST', path, status, attempt, Math.round(duration));
  };
  const publishFailure = (error: unknown): never => {
    publishEnd();
    if (error instanceof RefportError) message.error = withoutResponse(error);
    failed.publish(message);
    asyncStart.publish(message);
    asyncEnd.publish(message);
    throw error;
  };
  let promise: Promise<T>;
  try {
    promise = start.runStores(message, () => send(mergeHeaders(message.headers, callHeaders), onSettled));
  } catch (error) {
    promise = Promise.reject(error);
  }
  end.publish(message);
  return promise.then((data) => {
    publishEnd();
    asyncStart.publish(message);
    asyncEnd.publish(message);
    return data;
  }, publishFailure);
}

/** The call's own headers win. Subscribers are not always typed, and a call must not fail over a number. */
function mergeHeaders(injected: Record<string, unknown>, own: Record<string, string> = {}): Record<string, string> {
  const given = Object.entries(injected).filter(([, value]) => value !== undefined);
  return { ...headersFromPairs(given.map(([name, value]) => [name, String(value)])), ...own };
}

/** The API may repeat in its answer what it was sent, in its message too. */
function withoutResponse(error: RefportError): RefportError {
  const { status, code, attempts, ambiguous, retryable, retryAfter, requestId, headers, body } = error;
  if (headers === undefined && body === undefined) return error;
  const details = { status, code, attempts, ambiguous, retryable, retryAfter, requestId };
  return errorNamed(error.name, `${code} (HTTP ${status})`, details);
}
