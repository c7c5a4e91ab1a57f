'use strict';

// What an error tells about the exchange that failed.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const faults = require('../support/fault-behaviours.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer, closedPort } = require('../support/fault-server.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');

const requestIdHeaders = [
  'X-Request-Id',
  'Request-Id',
  'X-Amzn-RequestId',
  'X-Amz-Request-Id',
  'X-Correlation-Id',
  'X-Vercel-Id',
  'CF-Ray',
];

/**
 * @param {import('node:test').TestContext} t
 * @param {import('../support/fault-behaviours.js').Fault[]} script
 * @param {object} [options] for the client
 */
const fail = async (t, script, options) => {
  const server = await startFaultServer(script);
  t.after(() => server.close());
  return rejectionOf(callKinds[0].send(clientFor(server, options)));
};

describe('error details', { concurrency: true }, () => {
  for (const header of requestIdHeaders) {
    it(`requestId is read from ${header}`, HANG, async (t) => {
      const error = await fail(t, [faults.apiError(400, 'INVALID_CLICK_ID', 'No such click', { [header]: 'req_42' })]);
      assert.equal(error.requestId, 'req_42');
      assert.equal(error.headers?.[header.toLowerCase()], 'req_42');
    });
  }

  it('the most telling of several request ids is taken', HANG, async (t) => {
    const error = await fail(t, [faults.respond(400, '', { 'CF-Ray': 'edge', 'X-Request-Id': 'origin' })]);
    assert.equal(error.requestId, 'origin');
  });

  it('a truncated success carries status, headers and requestId', HANG, async (t) => {
    const cut = faults.misframed(
      'cut',
      (answer) => faults.head(200, { 'Content-Length': answer.length + 1, 'X-Request-Id': 'req_7' }) + answer,
      'end',
    );
    const error = await fail(t, [cut]);
    assert.deepEqual([error.status, error.requestId, error.headers?.['x-request-id']], [200, 'req_7', 'req_7']);
  });

  it('an INVALID_RESPONSE carries what came instead', HANG, async (t) => {
    const error = await fail(t, [
      faults.respond(200, '<p>hi</p>', { 'X-Request-Id': 'req_8', 'Content-Type': 'text/html' }),
    ]);
    assert.deepEqual(
      [error.code, error.status, error.requestId, error.body, error.headers?.['content-type']],
      ['INVALID_RESPONSE', 200, 'req_8', '<p>hi</p>', 'text/html'],
    );
  });

  it('headers sent twice are joined', HANG, async (t) => {
    const error = await fail(t, [faults.respond(400, '', { 'X-Twice': ['a', 'b'] })]);
    assert.equal(error.headers?.['x-twice'], 'a, b');
  });

  it('without a response there are no headers, no body and no request id, but a cause', HANG, async () => {
    const client = clientFor({ url: `http://127.0.0.1:${await closedPort()}` }, { maxRetries: 0 });
    const error = await rejectionOf(callKinds[0].send(client));
    assert.deepEqual([error.status, error.headers, error.body, error.requestId], [0, undefined, undefined, undefined]);
    assert.equal(error.cause.code, 'ECONNREFUSED');
    assert.match(error.message, /refused/i);
  });

  it('what is told is of the last attempt', HANG, async (t) => {
    const error = await fail(t, [
      faults.respond(429, 'first', { 'Retry-After-Ms': '1', 'X-Request-Id': 'req_1' }),
      faults.respond(400, 'second', { 'X-Request-Id': 'req_2' }),
    ]);
    assert.deepEqual([error.status, error.requestId, error.body, error.attempts], [400, 'req_2', 'second', 2]);
  });

  it('an error body cut short still gives the status and its class', HANG, async (t) => {
    const error = await fail(t, [
      faults.raw('cut 404', `${faults.head(404, { 'Content-Length': 100 })}{"error":`, 'end'),
    ]);
    assert.deepEqual([error.name, error.status, error.code], ['RefportNotFoundError', 404, 'NOT_FOUND']);
  });

  it('the stack leads to the caller', HANG, async (t) => {
    const server = await startFaultServer([faults.respond(400)]);
    t.after(() => server.close());
    async function theCaller() {
      return await callKinds[0].send(clientFor(server));
    }
    const error = await rejectionOf(theCaller());
    assert.match(error.stack ?? '', /^RefportValidationError/);
  });
});
