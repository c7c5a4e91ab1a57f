'use strict';

const { STATUS_CODES, validateHeaderName, validateHeaderValue } = require('node:http');
const { errorAnswer, jsonAnswer } = require('../http/answer.js');
const check = require('../check.js');
const { LONGEST_TIMER } = require('../options.js');

/**
 * @typedef {import('../../types/testing.js').FaultKind} FaultKind
 * @typedef {import('../http/answer.js').Answer} Answer
 *
 * @typedef {object} FaultSettings the options of a fault with all defaults filled in
 * @property {FaultKind} kind
 * @property {import('../../types/testing.js').SandboxCall | 'any'} on
 * @property {number} times
 * @property {number} probability
 * @property {'before' | 'after' | 'during'} when
 * @property {boolean} enabled
 * @property {number} ms of a delay
 * @property {Answer | undefined} answer of fail and reply
 * @property {string} description
 */

const COMMON = ['on', 'times', 'probability', 'when', 'enabled'];
/** @type {Record<FaultKind, string[]>} */
const OWN = {
  fail: ['status', 'code', 'message', 'retryAfter', 'headers'],
  drop: [],
  delay: ['ms'],
  reply: ['status', 'headers', 'body'],
};
/** @type {Record<number, string>} */
const API_CODES = {
  400: 'VALIDATION_ERROR',
  401: 'UNAUTHORIZED',
  404: 'NOT_FOUND',
  422: 'VALIDATION_ERROR',
  429: 'RATE_LIMIT_EXCEEDED',
};

/**
 * @param {FaultKind} kind
 * @param {unknown} options
 * @returns {FaultSettings}
 */
function readFault(kind, options) {
  const given = check.checkObject(`The options of ${kind}`, options, [...OWN[kind], ...COMMON]);
  const settings = {
    kind,
    on: check.checkChoice('on', given.on ?? 'any', /** @type {const} */ (['lead', 'sale', 'token', 'any'])),
    times: check.checkInteger('times', given.times ?? (given.probability === undefined ? 1 : Infinity), 1, Infinity),
    probability: readProbability(given.probability ?? 1),
    when: readWhen(kind, given.when),
    enabled: check.checkBoolean('enabled', given.enabled ?? true),
    ms: kind === 'delay' ? check.checkNumber('ms', given.ms, 0, LONGEST_TIMER) : 0,
    answer: kind === 'fail' ? readFailure(given) : kind === 'reply' ? readReply(given) : undefined,
  };
  return { ...settings, description: describe(settings) };
}

/** @param {unknown} value */
function readProbability(value) {
  if (typeof value !== 'number' || !(value > 0 && value <= 1)) {
    throw check.misuse('probability', 'a number above 0 and up to 1', value);
  }
  return value;
}

/**
 * @param {FaultKind} kind
 * @param {unknown} value
 */
function readWhen(kind, value) {
  const choices =
    kind === 'drop' ? /** @type {const} */ (['before', 'after', 'during']) : /** @type {const} */ (['before', 'after']);
  return check.checkChoice('when', value ?? (kind === 'delay' ? 'after' : 'before'), choices);
}

/**
 * @param {Record<string, unknown>} given
 * @returns {Answer}
 */
function readFailure({ status = 500, code, message, retryAfter, headers }) {
  const number = check.checkInteger('status', status, 400, 599);
  const phrase = STATUS_CODES[number] ?? `Status ${number}`;
  return errorAnswer(
    number,
    code === undefined
      ? (API_CODES[number] ?? phrase.toUpperCase().replace(/\W+/g, '_'))
      : check.checkString('code', code),
    message === undefined ? `${phrase} (a fault of the sandbox)` : check.checkString('message', message),
    {
      ...(retryAfter === undefined ? undefined : readHeaders({ 'retry-after': readRetryAfter(retryAfter) })),
      ...readHeaders(headers),
    },
  );
}

/** @param {unknown} value */
function readRetryAfter(value) {
  if (typeof value === 'string') return check.checkString('retryAfter', value);
  return String(check.checkNumber('retryAfter', value, 0, 1e9));
}

/**
 * @param {Record<string, unknown>} given
 * @returns {Answer}
 */
function readReply({ status = 200, headers, body }) {
  const number = check.checkInteger('status', status, 200, 599);
  const own = readHeaders(headers);
  if (body === undefined) return { status: number, headers: own, body: '' };
  const answer = jsonAnswer(number, null, own);
  return { ...answer, body: typeof body === 'string' ? body : toJson(body) };
}

/** @param {unknown} value */
function toJson(value) {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch {}
  throw check.misuse('body', 'something that JSON can hold', value);
}

/**
 * @param {unknown} value
 * @returns {Record<string, string>}
 */
function readHeaders(value) {
  if (value === undefined) return {};
  if (value === null || typeof value !== 'object') throw check.misuse('headers', 'an object of strings', value);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      try {
        validateHeaderName(name);
        validateHeaderValue(name, /** @type {string} */ (text));
      } catch {
        throw check.misuse(`headers["${name}"]`, 'a header that HTTP allows', text);
      }
      return [name.toLowerCase(), String(text)];
    }),
  );
}

/** @param {Omit<FaultSettings, 'description'>} settings */
function describe({ kind, on, times, probability, when, ms, answer }) {
  const target = on === 'any' ? 'every call' : `track.${on}`.replace('track.token', 'embedTokens.create');
  const after = when === 'after' && kind !== 'delay' ? ', after it took effect' : '';
  const what = {
    fail: `status ${answer?.status}`,
    drop: when === 'during' ? 'connection reset half-way through the answer' : 'connection reset',
    delay: when === 'before' ? `${ms} ms before it takes effect` : `${ms} ms before the answer`,
    reply: `own answer with status ${answer?.status}`,
  };
  const often = times === Infinity ? '' : times === 1 ? ', once' : `, ${times} times`;
  const chance = probability < 1 ? `, ${Math.round(probability * 1000) / 10}% of the time` : '';
  return `${target}: ${what[kind]}${after}${chance}${often}`;
}

exports.readFault = readFault;
