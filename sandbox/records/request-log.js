'use strict';

const { performance } = require('node:perf_hooks');

/**
 * @typedef {import('../../types/testing.js').SandboxRequest} SandboxRequest
 *
 * @typedef {Pick<SandboxRequest, 'outcome' | 'response' | 'duration'>} End what became of a request
 *
 * @typedef {object} Arrival what is known of a request when it arrives
 * @property {SandboxRequest['call']} call
 * @property {string} method
 * @property {string} path
 * @property {string} httpVersion
 * @property {Record<string, string | string[] | undefined>} headers
 * @property {string} body
 */

/** Writes down the requests that arrive and what becomes of them. */
class Recorder {
  /** @type {SandboxRequest[]} */
  requests = [];
  #lastId = 0;
  #limit;
  #events;
  /** @type {WeakMap<SandboxRequest, number>} */
  #started = new WeakMap();

  /**
   * @param {import('./events.js').Events} events
   * @param {number} limit
   */
  constructor(events, limit) {
    this.#events = events;
    this.#limit = limit;
  }

  /**
   * @param {Arrival} arrival
   * @param {readonly import('../../types/testing.js').FaultKind[]} faults
   * @returns {SandboxRequest}
   */
  arrive(arrival, faults) {
    /** @type {SandboxRequest} */
    const request = {
      id: this.#lastId + 1,
      at: new Date(),
      ...arrival,
      json: undefined,
      faults,
      outcome: 'pending',
      response: null,
      duration: null,
    };
    this.#started.set(request, performance.now());
    this.restore(request);
    this.#events.emit({ type: 'request', request });
    return request;
  }

  /**
   * Adds a request unchanged, such as one read from the data file.
   *
   * @param {SandboxRequest} request
   */
  restore(request) {
    Object.assign(request, { json: parse(request.body) });
    this.#lastId = Math.max(this.#lastId, request.id);
    this.requests.push(request);
    // Several at a time, since removing the first item moves all others.
    if (this.requests.length >= this.#limit * 1.25) this.requests.splice(0, this.requests.length - this.#limit);
  }

  /**
   * @param {SandboxRequest} request
   * @param {End} end
   */
  finish(request, end) {
    Object.assign(request, end);
    this.#events.emit({ type: 'request', request });
  }

  /**
   * @param {SandboxRequest} request one that arrived in this life
   * @returns {number} milliseconds since then
   */
  elapsed(request) {
    return performance.now() - (this.#started.get(request) ?? 0);
  }

  clear() {
    this.requests.length = 0;
    this.#lastId = 0;
  }
}

/**
 * @param {string} body
 * @returns {unknown}
 */
function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

exports.Recorder = Recorder;
