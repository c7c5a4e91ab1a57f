'use strict';

// The three calls and the two entries, as the rows and columns that the conformance tests run through.

const index = require('refport');
const result = require('refport/result');
const { answerTo, embed, lead, sale } = require('./call-kinds.js');
const { API_KEY } = require('./refport-client.js');

/**
 * @typedef {object} Endpoint
 * @property {string} name
 * @property {string} path
 * @property {any} params the least that is valid
 * @property {any} answer what a healthy API answers to them, parsed
 * @property {(refport: any, params: unknown, options?: unknown) => Promise<any>} call
 */

/** @type {Omit<Endpoint, 'answer'>[]} */
const calls = [
  {
    name: 'track.lead',
    path: '/api/track/lead',
    params: lead,
    call: (refport, params, options) => refport.track.lead(params, options),
  },
  {
    name: 'track.sale',
    path: '/api/track/sale',
    params: sale,
    call: (refport, params, options) => refport.track.sale(params, options),
  },
  {
    name: 'embedTokens.create',
    path: '/api/embed/token',
    params: embed,
    call: (refport, params, options) => refport.embedTokens.create(params, options),
  },
];

/** @type {Endpoint[]} */
const endpoints = calls.map((endpoint) => ({ ...endpoint, answer: JSON.parse(answerTo(endpoint.path)) }));

/**
 * How a call ended, whichever way the entry tells it.
 *
 * @typedef {{ data: any, error: any }} Outcome
 * @typedef {{ name: string, sdk: any, outcomeOf: (call: Promise<any>) => Promise<Outcome> }} Entry
 */

/** @type {Entry[]} */
const entries = [
  {
    name: 'refport',
    sdk: index,
    outcomeOf: (call) =>
      call.then(
        (data) => ({ data, error: null }),
        (error) => ({ data: null, error }),
      ),
  },
  { name: 'refport/result', sdk: result, outcomeOf: (call) => call },
];

/**
 * @param {Entry} entry
 * @param {{ url: string }} server
 * @param {object} [options]
 */
const clientOf = ({ sdk }, server, options) => new sdk.Refport({ apiKey: API_KEY, baseUrl: server.url, ...options });

module.exports = { clientOf, endpoints, entries };
