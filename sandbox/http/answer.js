'use strict';

/**
 * An answer on its way out. Names of headers are in lower case.
 *
 * @typedef {{ status: number, headers: Record<string, string>, body: string }} Answer
 */

/**
 * @param {number} status
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 * @returns {Answer}
 */
function jsonAnswer(status, value, headers) {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

/**
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {Record<string, string>} [headers]
 * @returns {Answer}
 */
function errorAnswer(status, code, message, headers) {
  return jsonAnswer(status, { error: { code, message } }, headers);
}

module.exports = { jsonAnswer, errorAnswer };
