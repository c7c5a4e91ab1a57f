import { clearTimeout, setTimeout } from '#platform';
import { isObject, wellFormed } from '../../client/option-values.ts';
import type { EngineCall } from '../engine.ts';
import { type Answer, Attempt, FailedAttempt, MAX_BODY } from './attempt.ts';
import { byteStrings, type Endpoint } from './endpoint.ts';
import { addHeaders, failureReport, type Report, truncatedBody } from './report.ts';
import { parseJson, readResponse } from './response.ts';
import { allowsRetry, classOfStatus, isAmbiguous, type RetryClass, waitBefore } from './retry.ts';

/** How a call ended. */
export interface Outcome {
  /** Of the last response, 0 without one. */
  status: number;
  attempts: number;
  response?: unknown;
  failure?: Report;
}

/** One call: sent, and sent again only where that is safe (src/api/client.rs). */
export class Call {
  readonly #endpoint: Endpoint;
  readonly #given: EngineCall;
  #isCancelled = false;
  #attempts = 0;
  /** Whether an attempt that has ended may have been recorded. */
  #wasAmbiguous = false;
  /** Ends the attempt or the wait that is under way. */
  #interrupt: (() => void) | undefined;
  /** Set by `close()` of its client. */
  abortedByClose = false;

  constructor(endpoint: Endpoint, given: EngineCall) {
    this.#endpoint = endpoint;
    this.#given = given;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#interrupt?.();
  }

  async perform(): Promise<Outcome> {
    try {
      return await this.#attemptUntilSettled();
    } catch (error) {
      // A bug in this SDK: a request may already have been sent.
      const report = failureReport('internal', `The call failed inside the SDK: ${error}`);
      report.ambiguous = this.#attempts > 0;
      return this.#failed(report, 0);
    }
  }

  async #attemptUntilSettled(): Promise<Outcome> {
    const { operation, params, options } = this.#given;
    const { timeout = this.#endpoint.timeout, headers } = options ?? {};
    const url = this.#endpoint.urls[operation] ?? '';
    const allHeaders = headers ? { ...this.#endpoint.headers, ...byteStrings(headers) } : this.#endpoint.headers;
    while (!this.#isCancelled) {
      this.#attempts++;
      const attempt = new Attempt(this.#endpoint, allHeaders, params, timeout);
      this.#interrupt = () => attempt.cancel();
      const result = await attempt.send(url);
      const settled = result instanceof FailedAttempt ? result : this.#read(result);
      if (!(settled instanceof FailedAttempt)) return settled;
      const wait = this.#waitAfter(settled, attempt);
      if (wait === undefined) return this.#gaveUp(settled, timeout);
      await this.#sleep(wait);
    }
    return this.#cancelled();
  }

  /** Turns a complete answer into the caller's response or a failure. */
  #read({ status, headers, body, isTruncated }: Answer): Outcome | FailedAttempt {
    if (status < 200 || status > 299) {
      const error = apiError(body);
      const report = failureReport('api', said(error?.message) ?? 'Unknown error', notJson(body));
      report.code = said(error?.code);
      return failedWith(report, status, headers, body, (hasRetryAfter) =>
        classOfStatus(status, hasRetryAfter, error !== undefined),
      );
    }
    const read = isTruncated
      ? { problem: `longer than ${MAX_BODY / 1024} KiB` }
      : readResponse(this.#given.operation, body);
    if ('response' in read) return { response: read.response, status, attempts: this.#attempts };
    const { problem } = read;
    const message = `The API answered with HTTP ${status}, but its body is not as promised: ${problem}`;
    const report = failureReport('invalidResponse', message, { message: problem });
    return failedWith(report, status, headers, body, () => 'ambiguousFinal');
  }

  /** How long to wait before the next attempt, in ms. Undefined if there is none. */
  #waitAfter({ retryClass, report }: FailedAttempt, attempt: Attempt): number | undefined {
    this.#wasAmbiguous ||= report.kind === 'aborted' ? attempt.isSent : isAmbiguous(retryClass);
    if (this.#isCancelled) return 0;
    const { isIdempotent, options } = this.#given;
    const { maxRetries = this.#endpoint.maxRetries, retryAmbiguous = false } = options ?? {};
    if (this.#attempts > maxRetries || !allowsRetry(retryClass, isIdempotent, retryAmbiguous)) return undefined;
    return waitBefore(retryClass, this.#attempts - 1, report.retryAfter);
  }

  #sleep(wait: number): Promise<void> | undefined {
    if (this.#isCancelled) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #gaveUp({ report, retryClass, status }: FailedAttempt, timeout: number): Outcome {
    if (report.kind === 'timeout') {
      report.message = `The request to ${this.#endpoint.origin} timed out after ${timeout} ms: ${report.message}`;
    }
    report.ambiguous = this.#wasAmbiguous;
    report.retryable = retryClass !== 'final' && (!this.#wasAmbiguous || this.#given.isIdempotent);
    return this.#failed(report, status);
  }

  #cancelled(): Outcome {
    const report = failureReport('aborted', 'The call was aborted');
    report.ambiguous = this.#wasAmbiguous;
    report.retryable = this.#wasAmbiguous && this.#given.isIdempotent;
    return this.#failed(report, 0);
  }

  #failed(report: Report, status: number): Outcome {
    this.#endpoint.redact(report);
    // Only now, so that no part of the key is left at the end.
    if (report.body !== undefined) report.body = truncatedBody(report.body);
    return { failure: report, status, attempts: this.#attempts };
  }
}

function failedWith(
  report: Report,
  status: number,
  headers: Headers,
  body: string,
  classify: (hasRetryAfter: boolean) => RetryClass,
): FailedAttempt {
  addHeaders(report, headers);
  report.body = body;
  return new FailedAttempt(classify(report.retryAfter !== undefined), status, report);
}

/** The API's error in the body of an answer other than 2xx. A gateway's answer has none. */
function apiError(body: string): Record<string, unknown> | undefined {
  const answer = parseJson(body);
  return isObject(answer) && isObject(answer.error) ? answer.error : undefined;
}

const notJson = (body: string) =>
  parseJson(body) === undefined ? { message: 'The body of the answer is not JSON' } : undefined;

const said = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? wellFormed(value) : undefined;
