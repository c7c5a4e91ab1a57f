'use strict';

/**
 * The client's public face.
 * @module
 */

class Refport {
  /** @param {import('../index.js').RefportOptions} [config] */
  constructor(config = /** @type {any} */ ({})) {
    // Loaded with the first client: a process that only reads cookies is spared it.
    const { Operation, call, open } = require('./calls.js');
    const queue = open(config);
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
  }
}

module.exports = { Refport };
