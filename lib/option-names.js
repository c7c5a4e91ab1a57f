'use strict';

const { RefportValidationError } = require('./errors.js');
const { warnOnce } = require('./warn.js');

/**
 * An option that nobody reads must not go unnoticed: `{ baseURL: sandbox.url }` would send test data to production.
 * @module
 */

const CLIENT = ['apiKey', 'baseUrl', 'timeout', 'maxRetries', 'headers', 'proxy', 'ca', 'maxConnections'];
const CALL = ['timeout', 'maxRetries', 'signal', 'headers', 'retryAmbiguous'];
const OUTBOX = ['path', 'concurrency', 'maxEntries', 'maxAge'];
const RECORD = ['id'];

/** What other libraries call the same, in small letters. */
const SYNONYMS = {
  apiKey: ['key', 'token', 'apitoken', 'accesstoken', 'secret', 'secretkey', 'apisecret'],
  baseUrl: ['url', 'baseuri', 'apiurl', 'apibase', 'endpoint', 'host', 'origin'],
  timeout: ['timeoutms', 'timeoutmillis', 'requesttimeout'],
  maxRetries: ['retry', 'retries', 'maxretry', 'retrycount', 'retrylimit', 'maxattempts', 'attempts'],
  headers: ['header', 'defaultheaders', 'extraheaders'],
  proxy: ['proxyurl', 'httpproxy', 'httpsproxy'],
  ca: ['cas', 'cacert', 'cacerts', 'cert', 'certificate', 'certificates'],
  maxConnections: ['connections', 'maxsockets', 'poolsize'],
  signal: ['abortsignal', 'abort'],
  retryAmbiguous: ['ambiguous', 'retryall'],
  path: ['file', 'filename', 'filepath', 'database', 'db', 'dir', 'directory'],
  concurrency: ['concurrent', 'parallel', 'parallelism', 'workers', 'maxconcurrency'],
  maxEntries: ['limit', 'max', 'maxsize', 'maxitems', 'size'],
  maxAge: ['ttl', 'maxagems', 'expiry', 'expires', 'retention'],
  id: ['key', 'jobid', 'dedupeid', 'idempotencykey', 'entryid'],
};

/** @param {string} name */
const plain = (name) => name.toLowerCase().replace(/[-_]/g, '');

/** @param {string[]} known */
const meanings = (known) =>
  new Map(
    known.flatMap((name) =>
      [plain(name), ...SYNONYMS[/** @type {keyof typeof SYNONYMS} */ (name)]].map((other) => [other, name]),
    ),
  );

const clientNames = { known: new Set(CLIENT), meant: meanings(CLIENT), of: 'new Refport()' };
const outboxNames = { known: new Set(OUTBOX), meant: meanings(OUTBOX), of: 'new Outbox()' };
const recordNames = { known: new Set(RECORD), meant: meanings(RECORD), of: 'a recorded conversion' };
const callNames = { known: new Set(CALL), meant: meanings(CALL), of: 'a call' };

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

/** @param {object} options */
const checkClientNames = (options) => checkNames(options, clientNames);

/** @param {object} options */
const checkCallNames = (options) => checkNames(options, callNames);

/** @param {object} options */
const checkOutboxNames = (options) => checkNames(options, outboxNames);

/** @param {object} options */
const checkRecordNames = (options) => checkNames(options, recordNames);

module.exports = { checkCallNames, checkClientNames, checkOutboxNames, checkRecordNames };
