'use strict';

/**
 * What the API demands of the parameters of each call. `undefined` means that nothing is wrong, otherwise the text
 * says what is.
 *
 * @typedef {(value: unknown) => string | undefined} Rule
 */

const PROCESSORS = ['stripe', 'shopify', 'polar', 'paddle', 'revenuecat', 'custom'];

/** @type {Rule} */
const text = (value) => (typeof value === 'string' ? undefined : 'must be a string');
/** @type {Rule} */
const filled = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a non-empty string');
/** @type {Rule} */
const url = (value) => (typeof value === 'string' && URL.canParse(value) ? undefined : 'must be a URL');
/** @type {Rule} */
const email = (value) =>
  typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value) ? undefined : 'must be an e-mail address';
/** @type {Rule} */
const amount = (value) =>
  Number.isFinite(value) ? undefined : 'must be a number, in the smallest unit of the currency';
/** @type {Rule} */
const currency = (value) =>
  typeof value === 'string' && /^[A-Za-z]{3}$/.test(value) ? undefined : 'must be a currency code of three letters';
/** @type {Rule} */
const processor = (value) =>
  PROCESSORS.includes(/** @type {string} */ (value)) ? undefined : `must be one of ${PROCESSORS.join(', ')}`;
/** @type {Rule} */
const object = (value) => (isObject(value) ? undefined : 'must be an object');

/** @type {Record<string, Rule>} */
const CUSTOMER = { customerEmail: text, customerName: text, customerAvatar: url, metadata: object };

/** @type {Record<'lead' | 'sale' | 'token', { required: Record<string, Rule>, optional: Record<string, Rule> }>} */
const RULES = {
  lead: {
    required: { clickId: filled, eventName: filled, customerExternalId: filled },
    optional: CUSTOMER,
  },
  sale: {
    required: { clickId: filled, customerExternalId: filled, amount },
    optional: { ...CUSTOMER, currency, eventName: filled, invoiceId: filled, paymentProcessor: processor },
  },
  token: {
    required: {},
    optional: { tenantId: filled, enrollmentId: filled, partner: object },
  },
};

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * @param {'lead' | 'sale' | 'token'} call
 * @param {unknown} params
 * @returns {string | undefined} what is wrong, naming the field
 */
function findProblem(call, params) {
  if (!isObject(params)) return 'The body must be a JSON object';
  const { required, optional } = RULES[call];
  for (const [field, rule] of Object.entries(required)) {
    if (!Object.hasOwn(params, field)) return `${field} is required`;
    const problem = rule(params[field]);
    if (problem) return `${field} ${problem}`;
  }
  for (const [field, rule] of Object.entries(optional)) {
    const problem = Object.hasOwn(params, field) ? rule(params[field]) : undefined;
    if (problem) return `${field} ${problem}`;
  }
  return call === 'token' ? findTokenProblem(params) : undefined;
}

/** @param {Record<string, unknown>} params */
function findTokenProblem(params) {
  if (!['tenantId', 'enrollmentId', 'partner'].some((field) => Object.hasOwn(params, field))) {
    return 'One of tenantId, enrollmentId and partner is required';
  }
  if (!isObject(params.partner)) return undefined;
  const problem = email(params.partner.email);
  if (problem) return `partner.email ${problem}`;
  return Object.hasOwn(params.partner, 'name') && text(params.partner.name)
    ? 'partner.name must be a string'
    : undefined;
}

exports.findProblem = findProblem;
