'use strict';

const { errorAnswer, jsonAnswer } = require('../http/answer.js');
const { findProblem } = require('./validation.js');

/**
 * @typedef {import('../../types/testing.js').SandboxCall} SandboxCall
 * @typedef {import('../../types/testing.js').SandboxRequest} SandboxRequest
 * @typedef {import('../http/answer.js').Answer} Answer
 * @typedef {import('./state.js').Effect} Effect
 * @typedef {import('./state.js').State} State
 * @typedef {{ answer: Answer, effect?: Effect }} Result
 * @typedef {import('../../index.js').TrackLeadParams} TrackLeadParams
 * @typedef {import('../../index.js').TrackSaleParams} TrackSaleParams
 * @typedef {import('../../index.js').CreateEmbedTokenParams} CreateEmbedTokenParams
 */

/** @type {Record<string, SandboxCall>} */
const CALLS = { '/api/track/lead': 'lead', '/api/track/sale': 'sale', '/api/embed/token': 'token' };

/**
 * @param {SandboxRequest['call']} call
 * @returns {call is SandboxCall}
 */
const isCall = (call) => call === 'lead' || call === 'sale' || call === 'token';

/**
 * The three endpoints: what they answer to a request and what they change.
 *
 * @param {SandboxRequest} request
 * @param {State} state
 * @param {import('../options.js').Settings} settings
 * @returns {Result}
 */
function answerCall(request, state, settings) {
  const call = /** @type {SandboxCall} */ (request.call);
  if (!isAuthorized(request.headers.authorization, settings.apiKeys)) {
    return { answer: errorAnswer(401, 'UNAUTHORIZED', 'The API key is missing or not valid') };
  }
  const problem = findBodyProblem(request) ?? findProblem(call, request.json);
  if (problem) return { answer: errorAnswer(call === 'token' ? 422 : 400, 'VALIDATION_ERROR', problem) };
  if (call === 'token') return createToken(request, state, settings.program);
  const { clickId } = /** @type {TrackLeadParams} */ (request.json);
  if (!state.findClick(clickId)) {
    return { answer: errorAnswer(400, 'INVALID_CLICK_ID', `There is no click with id "${clickId.slice(0, 100)}"`) };
  }
  return call === 'lead' ? trackLead(request, state) : trackSale(request, state);
}

/**
 * @param {string | string[] | undefined} header
 * @param {readonly string[]} apiKeys
 */
function isAuthorized(header, apiKeys) {
  const [, key] = /^bearer +(.*)$/i.exec(String(header)) ?? [];
  return key !== undefined && apiKeys.includes(key);
}

/** @param {SandboxRequest} request */
function findBodyProblem({ headers, json }) {
  const type = String(headers['content-type'] ?? '')
    .split(';', 1)[0]
    ?.trim()
    .toLowerCase();
  if (type !== 'application/json') return 'The Content-Type must be application/json';
  return json === undefined ? 'The body is not valid JSON' : undefined;
}

/**
 * @param {SandboxRequest} request
 * @param {State} state
 * @returns {Result}
 */
function trackLead({ id, json }, state) {
  const lead = state.recordLead(/** @type {TrackLeadParams} */ (json), id);
  return { answer: jsonAnswer(200, lead.response), effect: { lead } };
}

/**
 * @param {SandboxRequest} request
 * @param {State} state
 * @returns {Result}
 */
function trackSale({ id, json }, state) {
  const params = /** @type {TrackSaleParams} */ (json);
  const earlier = params.invoiceId === undefined ? undefined : state.findInvoice(params.invoiceId);
  if (earlier) return { answer: jsonAnswer(200, earlier.response) };
  const sale = state.recordSale(params, id);
  return { answer: jsonAnswer(200, sale.response), effect: { sale } };
}

/**
 * @param {SandboxRequest} request
 * @param {State} state
 * @param {boolean} program
 * @returns {Result}
 */
function createToken({ id, json }, state, program) {
  if (!program) return { answer: errorAnswer(404, 'NOT_FOUND', 'There is no active program') };
  const token = state.recordToken(/** @type {CreateEmbedTokenParams} */ (json), id);
  return { answer: jsonAnswer(200, { publicToken: token.publicToken, expires: token.expires }), effect: { token } };
}

module.exports = { CALLS, answerCall, isCall };
