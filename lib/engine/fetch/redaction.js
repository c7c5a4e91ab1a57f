'use strict';

const { readings } = require('./escapes.js');

/**
 * Keeps the API key out of errors: servers, and gateways before them, may quote the request in their answer, each in the
 * escapes of its format (src/api/redaction.rs).
 * @module
 */

/** Shorter keys are placeholders: taking them out of every text would only garble it. */
const MIN_LENGTH = 8;
const PLACEHOLDER = '[API key]';

/**
 * @param {string} apiKey
 * @returns {(report: InstanceType<typeof import('./report.js').Report>) => void}
 */
function redactor(apiKey) {
  if (apiKey.length < MIN_LENGTH) return () => {};
  const key = apiKey.toLowerCase();
  const hide = (/** @type {string} */ text) => hidden(key, text);
  return (report) => {
    report.message = hide(report.message);
    if (report.code !== undefined) report.code = hide(report.code);
    if (report.body !== undefined) report.body = hide(report.body);
    if (report.requestId !== undefined) report.requestId = hide(report.requestId);
    if (report.cause) report.cause.message = hide(report.cause.message);
    if (report.headers) report.headers = hideInHeaders(hide, report.headers);
  };
}

/**
 * @param {(text: string) => string} hide
 * @param {Record<string, string>} headers
 */
function hideInHeaders(hide, headers) {
  /** @type {Record<string, string>} */
  const shown = {};
  for (const [name, value] of Object.entries(headers)) shown[hide(name) === name ? name : 'redacted'] = hide(value);
  return shown;
}

/**
 * The text without the key.
 * @param {string} key in small letters
 * @param {string} text
 */
function hidden(key, text) {
  const start = new RegExp(`[${key[0]?.replace(/[\]^\\-]/, '\\$&')}\\\\%&]`, 'gi');
  let shown = '';
  let told = 0;
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const end = endOf(key, text, match.index);
    if (end === undefined) continue;
    shown += text.slice(told, match.index) + PLACEHOLDER;
    told = end;
    start.lastIndex = end;
  }
  return shown + text.slice(told);
}

/**
 * Where the key ends if the text has it at `at`, be it escaped and in letters of either case.
 * @param {string} key
 * @param {string} text
 * @param {number} at
 */
function endOf(key, text, at) {
  let ends = [at];
  for (const expected of key) {
    const reached = ends
      .flatMap((end) => readings(text, end))
      .filter(([character]) => character.toLowerCase() === expected);
    ends = [...new Set(reached.map(([, end]) => end))];
    if (ends.length === 0) return undefined;
  }
  return Math.max(...ends);
}

module.exports = { redactor };
