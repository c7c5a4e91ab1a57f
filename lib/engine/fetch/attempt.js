'use strict';

const host = require('#host');
const { Deadline, Stop } = require('./deadline.js');
const { causeOf, inWords } = require('./cause.js');
const { Report } = require('./report.js');
const { RetryClass } = require('./retry.js');

/**
 * One attempt: a request out, a complete answer back, redirects where they are safe (src/http).
 * @module
 */

/** Longest response body that is read, in bytes. The API's responses are under 1 KiB. */
const MAX_BODY = 1 << 20;
const MAX_REDIRECTS = 5;

/**
 * A complete answer, whatever its status.
 * @typedef {object} Answer
 * @property {number} status
 * @property {Headers} headers
 * @property {string} body at most `MAX_BODY` bytes, as `Response.text()` reads them: with replacement characters, without a
 *   byte order mark
 * @property {boolean} isCut the body was longer than that, or broke off
 */

/**
 * An attempt that brought no usable answer.
 * @typedef {object} FailedAttempt
 * @property {import('./retry.js').Class} retryClass
 * @property {number} status 0 without an answer
 * @property {InstanceType<typeof Report>} report
 */

/**
 * @param {import('./retry.js').Class} retryClass
 * @param {InstanceType<typeof Report>} report
 * @param {Response} [head] what had come of the answer
 * @returns {FailedAttempt}
 */
function failed(retryClass, report, head) {
  if (head) report.withHead(head.headers);
  return { retryClass, status: head?.status ?? 0, report };
}

class Attempt {
  #client;
  #headers;
  #body;
  #deadline;
  /** Whether anything may have left. */
  isSent = false;

  /**
   * @param {import('./config.js').Client} client
   * @param {Record<string, string>} headers
   * @param {string} body
   * @param {number} timeout in ms, for all of it
   */
  constructor(client, headers, body, timeout) {
    this.#client = client;
    this.#headers = headers;
    this.#body = body;
    this.#deadline = new Deadline(timeout);
  }

  cancel() {
    this.#deadline.stop(Stop.cancelled);
  }

  /**
   * @param {string} url
   * @returns {Promise<Answer>}
   * @throws {FailedAttempt}
   */
  async send(url) {
    const { semaphore } = this.#client;
    try {
      await semaphore?.acquire(this.#deadline).catch((/** @type {string} */ why) => {
        throw stopped(why, 'no connection became free', RetryClass.notProcessed);
      });
      try {
        const answer = await this.#read(await this.#exchange(url));
        await host.connectionIsBack();
        return answer;
      } finally {
        semaphore?.release();
      }
    } finally {
      this.#deadline.close();
    }
  }

  /** @param {string} start @returns {Promise<Response>} */
  async #exchange(start) {
    let url = start;
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.#post(url);
      const { next, problem } = redirect(response, url, this.#client.origin);
      if (next === undefined && problem === undefined) return response;
      discard(response);
      if (problem !== undefined) throw failed(RetryClass.final, new Report('api', problem), response);
      if (redirects === MAX_REDIRECTS) {
        const message = `The API redirects again and again, last to ${next}. Check baseUrl`;
        throw failed(RetryClass.final, new Report('api', message), response);
      }
      url = /** @type {string} */ (next);
    }
  }

  /** @param {string} url */
  async #post(url) {
    const { signal } = this.#deadline;
    const init = {
      method: 'POST',
      headers: this.#headers,
      body: this.#body,
      redirect: /** @type {const} */ ('manual'),
      signal,
    };
    this.isSent = true;
    try {
      // Looked up with every call, so that what replaces it later, such as a tracer or a test's mock, gets the call.
      return await this.#deadline.race(globalThis.fetch(url, init));
    } catch (error) {
      if (isStop(error)) throw stopped(error, 'the server did not answer', RetryClass.ambiguousTimeout);
      const cause = causeOf(error);
      if (cause.proves) {
        const retryClass = cause.proves === 'untrusted' ? RetryClass.final : RetryClass.notProcessed;
        const message = `Could not reach ${this.#client.origin}: ${inWords(cause)}`;
        throw failed(retryClass, new Report('connection', message, cause));
      }
      throw this.#broken('an answer came', cause);
    }
  }

  /** @param {Response} response @returns {Promise<Answer>} */
  async #read(response) {
    const { status, headers, body, ok } = response;
    const decoder = new TextDecoder();
    let text = '';
    let room = MAX_BODY;
    const answer = (/** @type {boolean} */ isCut) => ({ status, headers, body: text + decoder.decode(), isCut });
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
      if (error === Stop.cancelled) throw stopped(error, '', RetryClass.ambiguous);
      // The status tells more than how its body broke off, unless it is the success that is now in doubt.
      if (!ok) return answer(true);
      if (isStop(error)) throw stopped(error, 'the answer was not complete', RetryClass.ambiguousTimeout, response);
      const cause = causeOf(error);
      throw this.#broken('the answer was complete', cause, response);
    }
  }

  /**
   * @param {string} what had not happened by then
   * @param {import('./cause.js').Cause} cause
   * @param {Response} [head]
   */
  #broken(what, cause, head) {
    const message = `The connection to ${this.#client.origin} broke before ${what}: ${inWords(cause)}`;
    return failed(RetryClass.ambiguous, new Report('connection', message, cause), head);
  }
}

/** @param {unknown} error @returns {error is keyof typeof Stop} */
const isStop = (error) => typeof error === 'string' && error in Stop;

/**
 * @param {string} why
 * @param {string} missing what had not happened by then
 * @param {import('./retry.js').Class} retryClass of a timeout
 * @param {Response} [head]
 */
function stopped(why, missing, retryClass, head) {
  // What a cancelled call tells does not depend on its last attempt.
  if (why === Stop.cancelled) return failed(RetryClass.final, new Report('aborted', ''));
  return failed(retryClass, new Report('timeout', missing, { message: missing, code: 'ETIMEDOUT' }), head);
}

/**
 * Redirects that keep the method, the body and the origin are followed.
 * @param {Response} response
 * @param {string} url where the request went
 * @param {string} origin
 * @returns {{ next?: string, problem?: string }}
 */
function redirect({ status, headers }, url, origin) {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return {};
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

/** Frees the connection of an answer that nobody reads. @param {Response} response */
function discard(response) {
  response.body?.cancel().catch(() => {});
}

module.exports = { Attempt, MAX_BODY };
