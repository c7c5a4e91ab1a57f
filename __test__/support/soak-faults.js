'use strict';

// The soak's mix: what the server does when a request's `X-Fault` names it, and how a call may end then.

const faults = require('./fault-behaviours.js');

const { head } = faults;
const BLOCK = Buffer.alloc(64 * 1024, 'x');
const FILLER = Buffer.from('X-Filler: 0123456789abcdef0123456789abcdef\r\n'.repeat(256));
/** @param {string} answer */
const longer = (answer) => head(200, { 'Content-Length': answer.length + 10 }) + answer;

/**
 * @typedef {object} SoakFault
 * @property {number} weight how often it is drawn, against the others
 * @property {string[]} codes what `error.code` may be; 'ok' for success
 * @property {import('./fault-behaviours.js').Fault} fault
 * @property {object} [options] of the call
 */

const lost = ['CONNECTION_ERROR'];
const late = ['TIMEOUT'];
/** Short enough for a soak; only for calls that are meant to run into it. */
const impatient = { timeout: 150 };

/** @type {Record<string, SoakFault>} */
const soakFaults = {
  reset: { weight: 10, codes: lost, fault: faults.reset() },
  eof: { weight: 10, codes: lost, fault: faults.eof() },
  stall: { weight: 6, codes: late, fault: faults.stall(), options: impatient },
  stallOnHead: { weight: 3, codes: late, fault: faults.stallOnHead(), options: impatient },
  halfHead: { weight: 3, codes: late, fault: faults.raw('', 'HTTP/1.1 200 OK\r\nConte'), options: impatient },
  halfBody: { weight: 3, codes: late, fault: faults.misframed('', longer), options: impatient },
  drip: { weight: 2, codes: late, fault: faults.drip('', { step: 1, interval: 50 }), options: impatient },
  truncated: { weight: 10, codes: lost, fault: faults.misframed('', longer, 'end') },
  badChunk: {
    weight: 5,
    codes: lost,
    fault: faults.misframed('', (answer) => `${head(200, { 'Transfer-Encoding': 'chunked' })}zz\r\n${answer}`),
  },
  garbage: { weight: 10, codes: lost, fault: faults.raw('', '\0\x01\x02garbage\r\n\r\n', 'end') },
  noContent: { weight: 5, codes: ['INVALID_RESPONSE'], fault: faults.respond(204) },
  html: { weight: 5, codes: ['INVALID_RESPONSE'], fault: faults.respond(200, '<html>') },
  endlessBody: { weight: 0.3, codes: ['INVALID_RESPONSE'], fault: faults.flood('', 'HTTP/1.1 200 OK\r\n\r\n', BLOCK) },
  endlessHead: { weight: 0.3, codes: lost, fault: faults.flood('', 'HTTP/1.1 200 OK\r\n', FILLER) },
  badGateway: { weight: 10, codes: ['UNKNOWN'], fault: faults.respond(502, '<html>502</html>') },
  empty500: { weight: 10, codes: ['UNKNOWN'], fault: faults.respond(500) },
  bare503: { weight: 5, codes: ['UNKNOWN'], fault: faults.respond(503) },
  rateLimited: {
    weight: 10,
    codes: ['RATE_LIMITED'],
    fault: faults.respond(429, '', { 'Retry-After-Ms': '1' }),
    options: { maxRetries: 2 },
  },
  laterThanAMinute: { weight: 3, codes: ['RATE_LIMITED'], fault: faults.respond(429, '', { 'Retry-After': '99' }) },
  /** Drawn by nobody: for calls that are aborted while they wait. */
  inAWhile: { weight: 0, codes: [], fault: faults.respond(429, '', { 'Retry-After': '50' }) },
  unauthorized: { weight: 5, codes: ['UNAUTHORIZED'], fault: faults.respond(401) },
  notFound: { weight: 5, codes: ['NOT_FOUND'], fault: faults.respond(404) },
  invalid: { weight: 5, codes: ['INVALID_CLICK_ID'], fault: faults.apiError(400, 'INVALID_CLICK_ID', 'No such click') },
  redirect: { weight: 5, codes: ['UNKNOWN'], fault: faults.respond(302, '', { Location: '/elsewhere' }) },
  crossOrigin: { weight: 5, codes: ['UNKNOWN'], fault: faults.respond(308, '', { Location: 'http://localhost:1/' }) },
};

module.exports = { soakFaults };
