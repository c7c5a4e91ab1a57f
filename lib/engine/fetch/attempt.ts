/** One attempt: a request out, a complete answer back, redirects followed where that is safe (src/http). */

import { connectionReturned } from '#platform';
import { Deadline, Stopped } from './deadline.ts';
import type { Endpoint } from './endpoint.ts';
import { type Cause, causeOf, describe } from './error-cause.ts';
import { addHeaders, failureReport, type Report } from './report.ts';
import type { RetryClass } from './retry.ts';

/** Longest response body that is read, in bytes. The API's responses are under 1 KiB. */
export const MAX_BODY = 1 << 20;
const MAX_REDIRECTS = 5;

/** A complete answer, whatever its status. */
export interface Answer {
  status: number;
  headers: Headers;
  /** At most `MAX_BODY` bytes, as `Response.text()` decodes them. */
  body: string;
  /** The body was longer than that, or broke off. */
  isTruncated: boolean;
}

/** An attempt that brought no usable answer. */
export class FailedAttempt {
  readonly retryClass: RetryClass;
  /** 0 without an answer. */
  readonly status: number;
  readonly report: Report;

  constructor(retryClass: RetryClass, status: number, report: Report) {
    this.retryClass = retryClass;
    this.status = status;
    this.report = report;
  }
}

/** @param response whose headers had arrived by then */
function failed(retryClass: RetryClass, report: Report, response?: Response): FailedAttempt {
  if (response) addHeaders(report, response.headers);
  return new FailedAttempt(retryClass, response?.status ?? 0, report);
}

export class Attempt {
  readonly #endpoint: Endpoint;
  readonly #headers: Record<string, string>;
  readonly #body: string;
  readonly #deadline: Deadline;
  /** Whether anything may have been sent. */
  isSent = false;

  /** @param timeout in ms, for all of it */
  constructor(endpoint: Endpoint, headers: Record<string, string>, body: string, timeout: number) {
    this.#endpoint = endpoint;
    this.#headers = headers;
    this.#body = body;
    this.#deadline = new Deadline(timeout);
  }

  cancel(): void {
    this.#deadline.cancel();
  }

  async send(url: string): Promise<Answer | FailedAttempt> {
    const { semaphore } = this.#endpoint;
    let isAdmitted = semaphore === undefined || semaphore.tryAcquire();
    try {
      if (!isAdmitted) {
        await semaphore?.acquire(this.#deadline);
        isAdmitted = true;
      }
      const response = await this.#follow(url);
      if (response instanceof FailedAttempt) return response;
      const answer = await this.#read(response);
      await connectionReturned();
      return answer;
    } catch (error) {
      if (isAdmitted || !(error instanceof Stopped)) throw error;
      return stopped(error, 'no connection became free', 'notProcessed');
    } finally {
      if (isAdmitted) semaphore?.release();
      this.#deadline.close();
    }
  }

  /** Posts, and follows redirects that keep the method, the body and the origin. */
  async #follow(start: string): Promise<Response | FailedAttempt> {
    let url = start;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#post(url);
      if (response instanceof FailedAttempt || !isRedirect(response)) return response;
      const { next, problem } = redirectOf(response, url, this.#endpoint.origin);
      discard(response);
      if (problem !== undefined) return failed('final', failureReport('api', problem), response);
      if (redirects === MAX_REDIRECTS) {
        const message = `The API redirects again and again, last to ${next}. Check baseUrl`;
        return failed('final', failureReport('api', message), response);
      }
      url = next;
    }
  }

  async #post(url: string): Promise<Response | FailedAttempt> {
    const { signal } = this.#deadline;
    this.isSent = true;
    try {
      // Looked up with every call, so that what replaces it later, such as a tracer or a test's mock, gets the call.
      return await this.#deadline.race(
        globalThis.fetch(url, { method: 'POST', headers: this.#headers, body: this.#body, redirect: 'manual', signal }),
      );
    } catch (error) {
      if (error instanceof Stopped) return stopped(error, 'the server did not answer', 'ambiguousTimeout');
      const cause = causeOf(error);
      if (cause.proves === undefined) return this.#broken('an answer came', cause);
      const message = `Could not reach ${this.#endpoint.origin}: ${describe(cause)}`;
      const retryClass = cause.proves === 'untrusted' ? 'final' : 'notProcessed';
      return failed(retryClass, failureReport('connection', message, cause));
    }
  }

  async #read(response: Response): Promise<Answer | FailedAttempt> {
    const { status, headers, body, ok } = response;
    const decoder = new TextDecoder();
    let text = '';
    let room = MAX_BODY;
    const answer = (isTruncated: boolean) => ({ status, headers, body: text + decoder.decode(), isTruncated });
    const reader = body?.getReader();
    try {
      while (reader !== undefined) {
        const { value, done } = await this.#deadline.race(reader.read());
        if (done) break;
        text += decoder.decode(value.subarray(0, room), { stream: true });
        room -= value.length;
        if (room < 0) {
          reader.cancel().catch(() => {});
          return answer(true);
        }
      }
      return answer(false);
    } catch (error) {
      if (error instanceof Stopped && error.reason === 'cancelled') return stopped(error, '', 'ambiguous');
      // The status tells more than how its body broke off, unless it is the success that is now in doubt.
      if (!ok) return answer(true);
      if (error instanceof Stopped) return stopped(error, 'the answer was not complete', 'ambiguousTimeout', response);
      return this.#broken('the answer was complete', causeOf(error), response);
    }
  }

  /** @param what had not happened by then */
  #broken(what: string, cause: Cause, response?: Response): FailedAttempt {
    const message = `The connection to ${this.#endpoint.origin} broke before ${what}: ${describe(cause)}`;
    return failed('ambiguous', failureReport('connection', message, cause), response);
  }
}

/**
 * @param missing what had not happened by then
 * @param retryClass of a timeout
 */
function stopped({ reason }: Stopped, missing: string, retryClass: RetryClass, response?: Response): FailedAttempt {
  // The error of a cancelled call does not depend on its last attempt.
  if (reason === 'cancelled') return failed('final', failureReport('aborted', ''));
  return failed(retryClass, failureReport('timeout', missing, { message: missing, code: 'ETIMEDOUT' }), response);
}

const isRedirect = ({ status, headers }: Response) =>
  [301, 302, 303, 307, 308].includes(status) && headers.get('location') !== null;

/**
 * @param url where the request went
 * @returns where the next one goes, or why it must not
 */
function redirectOf(
  { status, headers }: Response,
  url: string,
  origin: string,
): { next: string; problem?: undefined } | { next?: undefined; problem: string } {
  const location = headers.get('location') ?? '';
  if (status < 304) {
    return {
      problem:
        `The API answered with a redirect to ${location} that would drop the request's body (HTTP ${status}): ` +
        'nothing was recorded. Check baseUrl',
    };
  }
  const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
  if (next?.origin === origin) return { next: next.href };
  return {
    problem:
      `The API redirects to ${location}, outside of ${origin}: not followed, so that the API key stays with its origin. ` +
      'Check baseUrl',
  };
}

/** Frees the connection of an answer that nobody reads. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}
