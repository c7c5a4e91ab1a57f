'use strict';

const client = require('./client.js');
const { RefportError } = require('./errors.js');

/**
 * The shape of the SDK's versions from 0.4 on: `{ data, error }` instead of throwing.
 * @module
 */

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<import('../types/result.js').Result<T>>}
 */
function toResult(promise) {
  return promise.then(
    (data) => ({ data, error: null }),
    (error) => {
      if (error instanceof RefportError) return { data: null, error };
      throw error;
    },
  );
}

class Refport {
  #client;

  static get engine() {
    return client.Refport.engine;
  }

  /** @param {import('../index.js').RefportOptions} [config] */
  constructor(config) {
    this.#client = new client.Refport(config);
    client.standFor(this, this.#client);
    const { track, embedTokens } = this.#client;
    this.track = {
      lead: (/** @type {unknown} */ params, /** @type {unknown} */ options) => toResult(track.lead(params, options)),
      sale: (/** @type {unknown} */ params, /** @type {unknown} */ options) => toResult(track.sale(params, options)),
    };
    this.embedTokens = {
      create: (/** @type {unknown} */ params, /** @type {unknown} */ options) =>
        toResult(embedTokens.create(params, options)),
    };
  }

  /** @param {unknown} [options] */
  close(options) {
    return this.#client.close(options);
  }
}

client.makeDisposable(Refport);

module.exports = { Refport };
