'use strict';

const { errorAnswer } = require('./answer.js');

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses requests that a web page of somebody else sends: under a name of its own that it has rebound to
 * 127.0.0.1, or across origins. Clients that are no browsers send the sandbox's own host and no origin.
 *
 * @param {string} host the Host header or its HTTP/2 equivalent
 * @param {string | undefined} origin
 * @param {import('../options.js').Settings} settings
 * @returns {import('./answer.js').Answer | undefined} the refusal, if it is one
 */
function guard(host, origin, { allowedHosts, https }) {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (!LOOPBACK.includes(name) && !allowedHosts.includes(name)) {
    return errorAnswer(403, 'FORBIDDEN', 'The Host header names another host; allowedHosts can add it');
  }
  if (origin !== undefined && origin.toLowerCase() !== `${https ? 'https' : 'http'}://${host.toLowerCase()}`) {
    return errorAnswer(403, 'FORBIDDEN', 'The request comes from a page of another origin');
  }
  return undefined;
}

exports.guard = guard;
