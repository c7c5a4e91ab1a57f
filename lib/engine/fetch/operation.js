'use strict';

const { Operation, PATHS } = require('../../operations.js');
const { isDate } = require('./iso-date.js');

/**
 * The three calls of the API: where they go, what they need, what they promise (src/api/operation.rs).
 * @module
 */

/**
 * @typedef {object} Operation
 * @property {string} path below the base URL
 * @property {(params: Record<string, unknown>) => string | undefined} refusal why parameters cannot be sent
 * @property {(params: Record<string, unknown>) => boolean} isIdempotent whether sending twice cannot count twice
 * @property {readonly string[]} promised members of the response
 * @property {'object' | 'string'} shape what they are
 */

/** By the digits of src/api/operation.rs. @type {readonly Operation[]} */
const OPERATIONS = [
  {
    path: PATHS[Operation.lead],
    refusal: (params) => requireStrings(params, ['clickId', 'eventName', 'customerExternalId']),
    isIdempotent: () => false,
    promised: ['click', 'link', 'customer'],
    shape: 'object',
  },
  {
    path: PATHS[Operation.sale],
    refusal: (params) => requireStrings(params, ['clickId', 'customerExternalId']) ?? requireNumber(params, 'amount'),
    // Only a string is known to be deduplicated on; anything else the API may ignore or refuse.
    isIdempotent: ({ invoiceId }) => typeof invoiceId === 'string' && invoiceId !== '',
    promised: ['customer', 'sale'],
    shape: 'object',
  },
  {
    path: PATHS[Operation.embedToken],
    refusal: requirePartner,
    isIdempotent: () => true,
    promised: ['publicToken', 'expires'],
    shape: 'string',
  },
];

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * @param {Record<string, unknown>} params
 * @param {string[]} names
 * @param {string} [prefix]
 */
function requireStrings(params, names, prefix = '') {
  const name = names.find((name) => typeof params[name] !== 'string' || params[name] === '');
  if (name === undefined) return undefined;
  const value = params[name];
  if (value === undefined) return `${prefix}${name} is required: pass a non-empty string`;
  if (value === '') return `${prefix}${name} must not be empty: pass a non-empty string`;
  return `${prefix}${name} must be a non-empty string, not ${shapeOf(value)}`;
}

/** @param {Record<string, unknown>} params @param {string} name */
function requireNumber(params, name) {
  const value = params[name];
  if (typeof value === 'number') return undefined;
  if (value === undefined) return `${name} is required: pass a finite number in the smallest currency unit`;
  return `${name} must be a finite number, not ${shapeOf(value)}`;
}

/** @param {Record<string, unknown>} params */
function requirePartner({ tenantId, enrollmentId, partner }) {
  if (isObject(partner)) return requireStrings(partner, ['email'], 'partner.');
  if (partner !== undefined && partner !== null) return 'partner must be an object with an email';
  const isGiven = (/** @type {unknown} */ value) => value !== undefined && value !== null && value !== '';
  if (isGiven(tenantId) || isGiven(enrollmentId)) return undefined;
  return 'pass at least one of tenantId, enrollmentId and partner';
}

/**
 * Checks that a 2xx body is JSON and has the members that the documentation lets callers rely on.
 * @param {Operation} operation
 * @param {string} body
 * @returns {string | undefined} what is wrong with it
 */
function responseProblem({ path, promised, shape }, body) {
  const answer = parseJson(body);
  // The parser's own words quote the body, and with it maybe a part of the API key.
  if (answer === undefined) return /^\s*\{/.test(body) ? 'no JSON object' : 'not JSON';
  if (answer === null && path === PATHS[Operation.lead]) return undefined;
  if (!isObject(answer)) return `${shapeOf(answer)} instead of an object`;
  for (const name of promised) {
    const value = answer[name];
    if (value === undefined) return `it has no member ${name}`;
    const isRight = shape === 'object' ? isObject(value) : typeof value === 'string' && value !== '';
    if (!isRight) return `its member ${name} is ${shapeOf(value)}`;
  }
  if (shape === 'string' && !isDate(/** @type {string} */ (answer.expires))) return 'its member expires is not a date';
  return undefined;
}

/**
 * @param {string} text
 * @returns {unknown} undefined if it is not JSON
 */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {unknown} value a value out of JSON */
function shapeOf(value) {
  // NaN and Infinity have no JSON and arrive as null.
  if (value === null) return 'null (or a value JSON cannot hold)';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

module.exports = { OPERATIONS, isObject, parseJson, responseProblem };
