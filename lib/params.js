'use strict';

const { RefportValidationError, asRefportError } = require('./errors.js');

/**
 * What a call is given, as the text that is sent.
 * @module
 */

/**
 * Parameters as JSON text.
 * @param {unknown} params
 * @returns {string}
 */
function serialize(params) {
  if (typeof params !== 'object' || params === null) {
    throw new RefportValidationError(
      `params must be an object, not ${params === null ? 'null' : `of type ${typeof params}`}`,
    );
  }
  try {
    // undefined (from a toJSON method) is not JSON; the engine says what is wrong with null.
    return JSON.stringify(params) ?? 'null';
  } catch (cause) {
    throw asRefportError(cause, `${unserializableField(params) ?? 'params'} cannot be sent as JSON`);
  }
}

/**
 * The field that cannot be sent, if it can be told.
 * @param {object} params
 */
function unserializableField(params) {
  try {
    return Object.keys(params).find((name) => !isSerializable(() => /** @type {any} */ (params)[name]));
  } catch {
    return undefined;
  }
}

/** @param {() => unknown} read */
function isSerializable(read) {
  try {
    JSON.stringify(read());
    return true;
  } catch {
    return false;
  }
}

module.exports = { serialize };
