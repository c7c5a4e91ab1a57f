'use strict';

/**
 * The API's three calls, as all of lib/ and the engines number them.
 * @module
 */

/** Digits of src/api/operation.rs, which has the paths too. */
const Operation = /** @type {const} */ ({ lead: 0, sale: 1, embedToken: 2 });

/** Below the base URL, by number. */
const PATHS = /** @type {const} */ (['/api/track/lead', '/api/track/sale', '/api/embed/token']);

module.exports = { Operation, PATHS };
