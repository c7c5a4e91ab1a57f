'use strict';

/**
 * The client's public face.
 * @module
 */

/** @typedef {import('./engine/engine').EngineClient} EngineClient */

/** What the engine made of each client's settings, for its outboxes. @type {WeakMap<object, EngineClient>} */
const engineClients = new WeakMap();

class Refport {
  /** @type {(options?: unknown) => Promise<void>} */
  #close;

  /** Loads the engine to know. */
  static get engine() {
    return require('#engine').engineName();
  }

  /** @param {import('../index.js').RefportOptions} [config] */
  constructor(config = /** @type {any} */ ({})) {
    // Loaded with the first client: a process that only reads cookies is spared it.
    const { call, close, open } = require('./calls.js');
    const { Operation } = require('./operations.js');
    const queue = open(config);
    engineClients.set(this, queue.client);
    // Own functions instead of methods: they can be detached, and nothing of the configuration is reachable.
    this.track = {
      lead: (/** @type {unknown} */ params, /** @type {unknown} */ options) =>
        call(queue, Operation.lead, params, options),
      sale: (/** @type {unknown} */ params, /** @type {unknown} */ options) =>
        call(queue, Operation.sale, params, options),
    };
    this.embedTokens = {
      create: (/** @type {unknown} */ params, /** @type {unknown} */ options) =>
        call(queue, Operation.embedToken, params, options),
    };
    this.#close = (options) => close(queue, options);
  }

  /** @param {unknown} [options] */
  close(options) {
    return this.#close(options);
  }
}

/**
 * For `await using`. Not a method of the class: where the symbol is missing (Node before 20.5), it would be one called
 * "undefined".
 *
 * @param {new () => { close(): Promise<void> }} closeable
 */
function makeDisposable({ prototype }) {
  if (!Symbol.asyncDispose) return;
  Object.defineProperty(prototype, Symbol.asyncDispose, {
    value() {
      return this.close();
    },
    configurable: true,
    writable: true,
  });
}

makeDisposable(Refport);

/**
 * @param {object} refport
 * @returns {EngineClient | undefined} undefined for what is no client
 */
const engineClientOf = (refport) => engineClients.get(refport);

/**
 * Lets one object stand for a client.
 * @param {object} other
 * @param {Refport} client
 */
function standFor(other, client) {
  engineClients.set(other, /** @type {EngineClient} */ (engineClientOf(client)));
}

module.exports = { Refport, engineClientOf, makeDisposable, standFor };
