'use strict';

const { randomUUID } = require('node:crypto');
const { checkAmount } = require('../../amount.js');

const { OPERATIONS, isObject } = require('../../engine/fetch/operation.js');
const { RefportValidationError } = require('../../errors.js');
const { Operation } = require('../../operations.js');
const { serialize } = require('../../params.js');

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
  if (call === 'sale') checkAmount(params);
  const sent = JSON.parse(serialize(params));
  const refusal = isObject(sent) ? operationOf(call).refusal(sent) : 'params must be an object';
  if (refusal !== undefined) throw new RefportValidationError(refusal);
  return { id: id ?? defaultId(call, sent), call, params: sent };
}

/** @param {'lead' | 'sale'} call */
const operationOf = (call) => /** @type {(typeof OPERATIONS)[number]} */ (OPERATIONS[Operation[call]]);

/**
 * Whether the API counts it once however often it arrives.
 * @param {Pick<Conversion, 'call' | 'params'>} conversion
 */
const isRepeatable = ({ call, params }) => operationOf(call).isIdempotent(params);

/** @param {'lead' | 'sale'} call @param {Record<string, any>} params */
const defaultId = (call, params) => (isRepeatable({ call, params }) ? `sale:${params.invoiceId}` : randomUUID());

module.exports = { conversionOf, isRepeatable };
