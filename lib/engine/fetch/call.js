'use strict';

const { Attempt, MAX_BODY } = require('./attempt.js');
const { customHeaders } = require('./headers.js');
const { OPERATIONS, isObject, parseJson, responseProblem } = require('./operation.js');
const { RetryClass, allowsRetry, classOfStatus, isAmbiguous, verdict, waitBefore } = require('./retry.js');
const { Report } = require('./report.js');

/**
 * A call from its parameters to its outcome: checked, sent, and sent again only where that is safe (src/api/client.rs).
 * @module
 */

/**
 * Options of one call, checked by lib/options.js.
 * @typedef {object} CallOptions
 * @property {number} [timeout]
 * @property {number} [maxRetries]
 * @property {Record<string, string>} [headers]
 * @property {boolean} [retryAmbiguous]
 */

/**
 * How a call ended: with the text of the response, or a report of why there is none.
 * @typedef {object} Outcome
 * @property {number} status of the last response, 0 without one
 * @property {number} attempts
 * @property {string | undefined} [body]
 * @property {InstanceType<typeof import('./report.js').Report>} [failure]
 */

class Call {
  #client;
  #operation;
  #url;
  #options;
  #isCancelled = false;
  #attempts = 0;
  /** Whether an attempt that has ended may have been counted. */
  #wasAmbiguous = false;
  #isIdempotent = false;
  /** Ends what is under way. @type {(() => void) | undefined} */
  #interrupt;

  /**
   * @param {import('./config.js').Client} client
   * @param {number} operation
   * @param {CallOptions} options
   */
  constructor(client, operation, options) {
    this.#client = client;
    this.#operation = /** @type {import('./operation.js').Operation} */ (OPERATIONS[operation]);
    this.#url = /** @type {string} */ (client.urls[operation]);
    this.#options = options;
  }

  cancel() {
    this.#isCancelled = true;
    this.#interrupt?.();
  }

  /**
   * @param {string} text the parameters, which are sent as they are
   * @returns {Promise<Outcome>}
   */
  async perform(text) {
    try {
      const params = JSON.parse(text);
      const { checked, problem } = customHeaders(this.#options.headers ?? {});
      const refusal = (isObject(params) ? this.#operation.refusal(params) : 'params must be an object') ?? problem;
      if (refusal !== undefined) return this.#failed(new Report('validation', refusal), 422);
      this.#isIdempotent = this.#operation.isIdempotent(params);
      const own = Object.keys(checked).length > 0;
      return await this.#attemptUntilSettled(
        text,
        own ? { ...this.#client.headers, ...checked } : this.#client.headers,
      );
    } catch (error) {
      // A mistake of ours; what is on the wire is unknown.
      const report = new Report('internal', `The call failed inside the SDK: ${error}`);
      report.ambiguous = this.#attempts > 0;
      return this.#failed(report, 0);
    }
  }

  /**
   * @param {string} text
   * @param {Record<string, string>} headers
   * @returns {Promise<Outcome>}
   */
  async #attemptUntilSettled(text, headers) {
    const {
      timeout = this.#client.timeout,
      maxRetries = this.#client.maxRetries,
      retryAmbiguous = false,
    } = this.#options;
    for (;;) {
      if (this.#isCancelled) return this.#cancelled();
      this.#attempts += 1;
      const attempt = new Attempt(this.#client, headers, text, timeout);
      this.#interrupt = () => attempt.cancel();
      const result = await attempt.send(this.#url).then((answer) => judge(this.#operation, answer), whatFailed);
      if (result.report === undefined) return { body: result.body, status: result.status, attempts: this.#attempts };

      const { report, status, retryClass } = result;
      if (this.#isCancelled) {
        this.#wasAmbiguous ||= report.kind === 'aborted' ? attempt.isSent : isAmbiguous(retryClass);
        return this.#cancelled();
      }
      this.#wasAmbiguous ||= isAmbiguous(retryClass);
      const wait =
        this.#attempts <= maxRetries && allowsRetry(retryClass, this.#isIdempotent, retryAmbiguous)
          ? waitBefore(retryClass, this.#attempts - 1, report.retryAfter, Math.random())
          : undefined;
      if (wait !== undefined) {
        await this.#sleep(wait);
        continue;
      }
      if (report.kind === 'timeout') {
        report.message = `The request to ${this.#client.origin} timed out after ${timeout} ms: ${report.message}`;
      }
      Object.assign(report, verdict(retryClass, this.#wasAmbiguous, this.#isIdempotent));
      return this.#failed(report, status);
    }
  }

  /** @param {number} wait in ms */
  #sleep(wait) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }

  #cancelled() {
    const report = new Report('aborted', 'The call was aborted');
    report.ambiguous = this.#wasAmbiguous;
    report.retryable = this.#wasAmbiguous && this.#isIdempotent;
    return this.#failed(report, 0);
  }

  /**
   * @param {InstanceType<typeof Report>} report
   * @param {number} status
   * @returns {Outcome}
   */
  #failed(report, status) {
    this.#client.redact(report);
    report.cutBody();
    return { failure: report, status, attempts: this.#attempts };
  }
}

/** @typedef {{ status: number, body: string, report?: undefined }} Success what the caller gets */

/**
 * Turns a complete answer into the caller's result or a failure.
 * @param {import('./operation.js').Operation} operation
 * @param {import('./attempt.js').Answer} answer
 * @returns {Success | import('./attempt.js').FailedAttempt}
 */
function judge(operation, { status, headers, body: text, isCut }) {
  if (status < 200 || status > 299) {
    const report = refused(text).withHead(headers).withBody(text);
    return { status, report, retryClass: classOfStatus(status, report.retryAfter !== undefined) };
  }
  const problem = isCut ? `longer than ${MAX_BODY / 1024} KiB` : responseProblem(operation, text);
  if (problem === undefined) return { status, body: text };
  const message = `The API answered with HTTP ${status}, but its body is not as promised: ${problem}`;
  const report = new Report('invalidResponse', message, { message: problem }).withHead(headers).withBody(text);
  return { status, report, retryClass: RetryClass.ambiguousFinal };
}

/** @param {string} text the body of an answer other than 2xx */
function refused(text) {
  const answer = parseJson(text);
  const error = isObject(answer) && isObject(answer.error) ? answer.error : {};
  const said = (/** @type {unknown} */ value) =>
    typeof value === 'string' && value !== '' ? /** @type {any} */ (value).toWellFormed() : undefined;
  const cause = answer === undefined ? { message: 'The body of the answer is not JSON' } : undefined;
  const report = new Report('api', said(error.message) ?? 'Unknown error', cause);
  report.code = said(error.code);
  return report;
}

/**
 * @param {any} error
 * @returns {import('./attempt.js').FailedAttempt}
 */
function whatFailed(error) {
  if (error instanceof Error) throw error;
  return error;
}

module.exports = { Call };
