'use strict';

/**
 * Loads the native addon on first use, so that `require('refport')` costs next to nothing.
 * @module
 */

/**
 * What src/lib.rs exports.
 * @typedef {object} Native
 * @property {new (config: string) => NativeClient} NativeClient
 * @property {new (settle: (results: string) => void) => NativeBridge} NativeBridge
 */

/** @typedef {object} NativeClient */

/**
 * @typedef {object} NativeBridge
 * @property {(client: NativeClient, batch: string, count: number) => void} submit
 * @property {(id: number) => void} cancel
 */

/** @type {Native | undefined} */
let loaded;

/** @returns {Native} */
function native() {
  loaded ??= load();
  return loaded;
}

/** @returns {Native} */
function load() {
  try {
    // The generated declarations know only what has generated glue.
    return /** @type {any} */ (require('../native.js'));
  } catch (cause) {
    throw require('./platform.js').missingBinary(cause);
  }
}

module.exports = { native };
