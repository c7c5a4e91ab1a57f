'use strict';

const { randomUUID } = require('node:crypto');
const { Operation } = require('../../client/operations.ts');
const { checkParams } = require('../../client/params.ts');

/**
 * A conversion that is to be recorded: checked as a call would be, and named.
 * @module
 */

/**
 * @typedef {object} Conversion
 * @property {string} id
 * @property {'lead' | 'sale'} call
 * @property {Record<string, any>} params as JSON has them
 */

/**
 * @param {'lead' | 'sale'} call
 * @param {unknown} params
 * @param {string | undefined} id
 * @returns {Conversion}
 */
function conversionOf(call, params, id) {
  const sent = JSON.parse(checkParams(Operation[call], params).text);
  return { id: id ?? defaultId(call, sent), call, params: sent };
}

/**
 * Whether the API counts it once however often it arrives.
 * @param {Pick<Conversion, 'call' | 'params'>} conversion
 */
const isRepeatable = ({ call, params }) =>
  call === 'sale' && typeof params.invoiceId === 'string' && params.invoiceId !== '';

/** @param {'lead' | 'sale'} call @param {Record<string, any>} params */
const defaultId = (call, params) => (isRepeatable({ call, params }) ? `sale:${params.invoiceId}` : randomUUID());

module.exports = { conversionOf, isRepeatable };
