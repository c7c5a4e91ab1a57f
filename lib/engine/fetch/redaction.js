'use strict';

/**
 * Keeps the API key out of errors: servers, and gateways before them, may quote the request in their answer
 * (src/api/redaction.rs).
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
  // Bodies are told as they came, which is as JSON.
  const forms = apiKey.length < MIN_LENGTH ? [] : [...new Set([JSON.stringify(apiKey).slice(1, -1), apiKey])];
  const hide = (/** @type {string} */ text) => forms.reduce((rest, key) => rest.replaceAll(key, PLACEHOLDER), text);
  return (report) => {
    report.message = hide(report.message);
    if (report.code !== undefined) report.code = hide(report.code);
    if (report.body !== undefined) report.body = hide(report.body);
    if (report.requestId !== undefined) report.requestId = hide(report.requestId);
    if (report.cause) report.cause.message = hide(report.cause.message);
    for (const name in report.headers) report.headers[name] = hide(/** @type {string} */ (report.headers[name]));
  };
}

module.exports = { redactor };
