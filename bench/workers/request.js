'use strict';

/** The request of every client: one lead, with the fields a host would fill in. */

const API_KEY = 'rk_bench_0123456789abcdef';
const PATH = '/api/track/lead';
const HEADERS = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };

/**
 * A fresh params object per call, as a host would make one.
 * @param {number} serial
 */
function lead(serial) {
  return {
    clickId: 'clk_9f8b2c7d4e6a1053',
    eventName: 'Sign up',
    customerExternalId: `user_${serial}`,
    customerEmail: 'ada@example.com',
    customerName: 'Ada Lovelace',
    metadata: { plan: 'team', seats: 5 },
  };
}

/**
 * Every client has to hand over the parsed answer, or its figures mean nothing.
 * @param {any} answer
 */
function check(answer) {
  if (typeof answer.link.key !== 'string') throw new Error('not the answer that the server sends');
}

module.exports = { API_KEY, PATH, HEADERS, lead, check };
