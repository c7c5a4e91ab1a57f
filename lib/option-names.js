'use strict';

const { RefportValidationError } = require('./errors.js');
const { warnOnce } = require('./warn.js');

/**
 * An option that nobody reads must not go unnoticed: `{ baseURL: sandbox.url }` would send test data to production.
 * @module
 */

/** @param {string} name */
const plain = (name) => name.toLowerCase().replace(/[-_]/g, '');

/**
 * @param {string} of what
 * @param {Record<string, string[]>} options their names, each with what other libraries call the same, in small letters
 */
function optionNames(of, options) {
  const meant = Object.entries(options).flatMap(([name, others]) =>
    [plain(name), ...others].map((other) => /** @type {[string, string]} */ ([other, name])),
  );
  return { of, known: new Set(Object.keys(options)), meant: new Map(meant) };
}

const timeout = ['timeoutms', 'timeoutmillis', 'requesttimeout'];
const maxRetries = ['retry', 'retries', 'maxretry', 'retrycount', 'retrylimit', 'maxattempts', 'attempts'];
const headers = ['header', 'defaultheaders', 'extraheaders'];

const clientNames = optionNames('new Refport()', {
  apiKey: ['key', 'token', 'apitoken', 'accesstoken', 'secret', 'secretkey', 'apisecret'],
  baseUrl: ['url', 'baseuri', 'apiurl', 'apibase', 'endpoint', 'host', 'origin'],
  timeout,
  maxRetries,
  headers,
  proxy: ['proxyurl', 'httpproxy', 'httpsproxy'],
  ca: ['cas', 'cacert', 'cacerts', 'cert', 'certificate', 'certificates'],
  maxConnections: ['connections', 'maxsockets', 'poolsize'],
});

const callNames = optionNames('a call', {
  timeout,
  maxRetries,
  signal: ['abortsignal', 'abort'],
  headers,
  retryAmbiguous: ['ambiguous', 'retryall'],
});

/**
 * Refuses an option whose name is almost one that exists, and warns of every other one that nobody reads.
 * @param {object} options
 * @param {typeof clientNames} names
 */
function checkNames(options, { known, meant, of }) {
  for (const name of Object.keys(options)) {
    if (known.has(name) || /** @type {Record<string, unknown>} */ (options)[name] === undefined) continue;
    const intended = meant.get(plain(name));
    if (intended) throw new RefportValidationError(`${name} is not an option of ${of}: did you mean ${intended}?`);
    warnOnce(
      `${JSON.stringify(name)} is not an option of ${of}, and is ignored. There are: ${[...known].join(', ')}.`,
      'REFPORT_UNKNOWN_OPTION',
    );
  }
}

module.exports = { callNames, checkNames, clientNames, optionNames };
