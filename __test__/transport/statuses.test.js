'use strict';

// Complete responses that are no success, or claim to be one and are not.

const { nativeOnly } = require('../support/engine.js');
const { apiError, respond } = require('../support/fault-behaviours.js');
const { describeFaults } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');

const BAD_GATEWAY = '<html><h1>502 Bad Gateway</h1></html>';

/** The error's class and code, by status. @type {Record<number, string[]>} */
const classes = {
  400: ['RefportValidationError', 'VALIDATION_ERROR'],
  401: ['RefportAuthError', 'UNAUTHORIZED'],
  404: ['RefportNotFoundError', 'NOT_FOUND'],
  422: ['RefportValidationError', 'VALIDATION_ERROR'],
  429: ['RefportRateLimitError', 'RATE_LIMITED'],
};

/**
 * @param {number} status
 * @param {import('../support/fault-table.js').FaultRow['retried']} retried
 * @returns {import('../support/fault-table.js').FaultRow}
 */
const bare = (status, retried) => {
  const [name, code] = classes[status] ?? ['RefportError', 'UNKNOWN'];
  return {
    name: `${status} without a body`,
    fault: () => respond(status),
    retried,
    error: { name, code, status, message: 'Unknown error', body: '' },
  };
};

/** @type {import('../support/fault-table.js').FaultRow[]} */
const rows = [
  ...[408, 500, 502, 503, 504].map((status) => bare(status, 'if repeatable')),
  ...[400, 401, 403, 404, 409, 410, 418, 422, 501, 505].map((status) => bare(status, 'never')),
  bare(429, 'always'),
  {
    name: '502 with a page of HTML',
    fault: () => respond(502, BAD_GATEWAY, { 'Content-Type': 'text/html' }),
    retried: 'if repeatable',
    error: { name: 'RefportError', code: 'UNKNOWN', status: 502, message: 'Unknown error', body: BAD_GATEWAY },
  },
  {
    name: "500 with the API's own code",
    fault: () => apiError(500, 'INTERNAL', 'Something broke'),
    retried: 'if repeatable',
    error: { name: 'RefportError', code: 'INTERNAL', status: 500, message: 'Something broke' },
  },
  {
    name: "429 with the API's own code",
    fault: () => apiError(429, 'RATE_LIMIT_EXCEEDED', 'Slow down'),
    retried: 'always',
    error: {
      name: 'RefportRateLimitError',
      code: 'RATE_LIMIT_EXCEEDED',
      status: 429,
      message: 'Slow down',
    },
  },
  {
    name: '503 with Retry-After',
    fault: () => apiError(503, 'MAINTENANCE', 'Back soon', { 'Retry-After': '0' }),
    retried: 'always',
    error: { name: 'RefportError', code: 'MAINTENANCE', status: 503, message: 'Back soon' },
  },
  {
    name: '503 with retry-after-ms',
    fault: () => respond(503, '', { 'Retry-After-Ms': '1' }),
    retried: 'always',
    error: { name: 'RefportError', code: 'UNKNOWN', status: 503 },
  },
  {
    name: '500 with Retry-After, which does not say that nothing was done',
    fault: () => respond(500, '', { 'Retry-After': '0' }),
    retried: 'if repeatable',
    error: { name: 'RefportError', code: 'UNKNOWN', status: 500 },
  },
  {
    name: '204',
    fault: () => respond(204),
    retried: 'never',
    error: { name: 'RefportError', code: 'INVALID_RESPONSE', status: 204 },
  },
  {
    name: '200 without a body',
    fault: () => respond(200),
    retried: 'never',
    error: { name: 'RefportError', code: 'INVALID_RESPONSE', status: 200 },
  },
  {
    name: '200 with a page of HTML',
    fault: () => respond(200, '<html>Welcome</html>', { 'Content-Type': 'text/html' }),
    retried: 'never',
    error: { name: 'RefportError', code: 'INVALID_RESPONSE', status: 200, body: '<html>Welcome</html>' },
  },
  {
    name: '200 with JSON of another shape',
    fault: () => respond(200, '[1,2,3]', { 'Content-Type': 'application/json' }),
    retried: 'never',
    error: { name: 'RefportError', code: 'INVALID_RESPONSE', status: 200, body: '[1,2,3]' },
  },
  {
    name: '200 with JSON that is not UTF-8',
    fault: () => ({
      name: 'not UTF-8',
      onRequest: (/** @type {import('../support/fault-behaviours.js').Exchange} */ { socket }) =>
        socket.write(
          Buffer.concat([
            Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n'),
            Buffer.from([0x22, 0xff, 0xfe, 0x22]),
          ]),
        ),
    }),
    retried: 'never',
    error: { name: 'RefportError', code: 'INVALID_RESPONSE', status: 200 },
  },
  {
    name: '101, which nobody asked for',
    skip: nativeOnly('upgrade'),
    fault: () => respond(101, '', { Connection: 'upgrade', Upgrade: 'websocket' }),
    retried: 'never',
    error: { name: 'RefportError', code: 'UNKNOWN', status: 101 },
  },
];

describeFaults('statuses', rows, (script, _kind, otherwise) => startFaultServer(script, { otherwise }));
