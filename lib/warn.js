'use strict';

const host = require('#host');

/**
 * Warnings to the developer.
 * @module
 */

/** Warnings that were given. @type {Set<string>} */
const given = new Set();

/**
 * A process warning, given once however often there is a reason for it.
 * @param {string} message
 * @param {string} code
 */
function warnOnce(message, code) {
  if (given.has(message)) return;
  given.add(message);
  host.warn(message, code);
}

module.exports = { warnOnce };
