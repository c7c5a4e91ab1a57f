'use strict';

const check = require('./check.js');

/**
 * @typedef {import('../types/testing.js').SandboxOptions} SandboxOptions
 * @typedef {import('../types/testing.js').SandboxClickInput} SandboxClickInput
 * @typedef {import('../types/testing.js').CommissionRule} CommissionRule
 *
 * @typedef {object} Settings the options with all defaults filled in
 * @property {number} port
 * @property {string[]} apiKeys
 * @property {SandboxClickInput[]} clicks
 * @property {[number, number]} latency
 * @property {CommissionRule} commission
 * @property {boolean} program
 * @property {number} tokenLifetime
 * @property {string} appUrl
 * @property {boolean} https
 * @property {boolean} http2
 * @property {string[]} allowedHosts
 * @property {string | undefined} data
 * @property {number} maxRequests
 * @property {number | undefined} seed
 */

const NAMES = [
  'port',
  'apiKeys',
  'clicks',
  'latency',
  'commission',
  'program',
  'tokenLifetime',
  'appUrl',
  'https',
  'http2',
  'allowedHosts',
  'data',
  'maxRequests',
  'seed',
];
// Node's timers fire at once beyond this.
const LONGEST_TIMER = 2 ** 31 - 1;
const PARTNER = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * @param {SandboxOptions} [options]
 * @returns {Settings}
 */
function readOptions(options) {
  const given = check.checkObject('The options of createSandbox', options, NAMES);
  const http2 = given.http2 === undefined ? false : check.checkBoolean('http2', given.http2);
  const https = given.https === undefined ? http2 : check.checkBoolean('https', given.https);
  if (http2 && !https) throw check.misuse('https', 'true or left out with http2, which is negotiated over TLS', false);
  return {
    port: given.port === undefined ? 0 : check.checkInteger('port', given.port, 0, 65535),
    apiKeys: readStrings('apiKeys', given.apiKeys ?? ['sandbox_key'], 1),
    clicks: readClicks(given.clicks ?? ['click_1', { id: 'click_unlinked', link: null }]),
    latency: readLatency(given.latency ?? 0),
    commission: readCommission(given.commission ?? { percent: 20 }),
    program: given.program === undefined ? true : check.checkBoolean('program', given.program),
    tokenLifetime:
      given.tokenLifetime === undefined ? 900_000 : check.checkNumber('tokenLifetime', given.tokenLifetime, 0, 1e12),
    appUrl: readUrl('appUrl', given.appUrl ?? 'http://localhost:3000/'),
    https,
    http2,
    allowedHosts: readStrings('allowedHosts', given.allowedHosts ?? [], 0).map((host) => host.toLowerCase()),
    data: given.data === undefined ? undefined : check.checkString('data', given.data),
    maxRequests:
      given.maxRequests === undefined ? Infinity : check.checkInteger('maxRequests', given.maxRequests, 1, Infinity),
    seed: given.seed === undefined ? undefined : check.checkInteger('seed', given.seed, 0, 2 ** 32 - 1),
  };
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} fewest
 */
function readStrings(name, value, fewest) {
  const list = check.checkList(name, value);
  if (list.length < fewest) throw check.misuse(name, 'an array with at least one string', value);
  return list.map((item, index) => check.checkString(`${name}[${index}]`, item));
}

/** @param {unknown} value */
function readClicks(value) {
  const clicks = check.checkList('clicks', value).map((click, index) => readClick(`clicks[${index}]`, click));
  const twice = clicks.find((click, index) => clicks.findIndex((other) => other.id === click.id) !== index);
  if (twice) throw check.misuse('clicks', 'free of repeated ids', twice.id);
  return clicks;
}

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {SandboxClickInput}
 */
function readClick(name, value) {
  if (typeof value === 'string') return { id: check.checkString(name, value) };
  if (value === undefined) throw check.misuse(name, 'a string or an object with an id', value);
  const click = check.checkObject(name, value, ['id', 'partner', 'link']);
  const link = click.link;
  return {
    id: check.checkString(`${name}.id`, click.id),
    partner: click.partner === undefined ? undefined : readPartner(`${name}.partner`, click.partner),
    link:
      link === null || link === undefined
        ? link
        : check.checkObject(`${name}.link`, link, ['id', 'domain', 'key', 'url', 'programId']),
  };
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function readPartner(name, value) {
  if (typeof value !== 'string' || !PARTNER.test(value)) {
    throw check.misuse(name, '1 to 64 letters, digits, ".", "_" and "-"', value);
  }
  return value;
}

/**
 * @param {unknown} value
 * @returns {[number, number]}
 */
function readLatency(value) {
  const [lowest, highest] = Array.isArray(value) ? value : [value, value];
  const least = check.checkNumber('latency', lowest, 0, LONGEST_TIMER);
  return [least, check.checkNumber('latency', highest, least, LONGEST_TIMER)];
}

/**
 * @param {unknown} value
 * @returns {CommissionRule}
 */
function readCommission(value) {
  if (typeof value === 'function') return /** @type {CommissionRule} */ (value);
  const rule = check.checkObject('commission', value, ['percent', 'flat']);
  if (rule.percent !== undefined && rule.flat === undefined) {
    return { percent: check.checkNumber('commission.percent', rule.percent, 0, 100) };
  }
  if (rule.flat !== undefined && rule.percent === undefined) {
    return { flat: check.checkNumber('commission.flat', rule.flat, 0, Number.MAX_SAFE_INTEGER) };
  }
  throw check.misuse('commission', 'a function, { percent } or { flat }', value);
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function readUrl(name, value) {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw check.misuse(name, 'an http: or https: URL', value);
  return url.href;
}

module.exports = { readOptions, readClick, readUrl, LONGEST_TIMER, PARTNER };
