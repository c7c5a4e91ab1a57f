'use strict';

// Property: whatever bytes come back, a call settles with a value of the endpoint's shape or with a typed error.

const assert = require('node:assert/strict');
const { after, before, it } = require('node:test');
const fc = require('fast-check');
const { RefportError } = require('refport');
const { callKinds, answerTo } = require('../support/call-kinds.js');
const { head, raw } = require('../support/fault-behaviours.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');

/** @type {Awaited<ReturnType<typeof startFaultServer>>} */
let server;
/** @type {ReturnType<typeof clientFor>} */
let client;
/** @type {Buffer} */
let response;

before(async () => {
  /** @type {import('../support/fault-behaviours.js').Fault} */
  const anything = {
    name: 'anything',
    onRequest: (exchange) => raw('anything', response, 'end').onRequest(exchange),
  };
  server = await startFaultServer([], { otherwise: anything });
  // Short: Node's own fetch waits for ever for what calls itself gzip, is none, and ends with the connection.
  client = clientFor(server, { maxRetries: 0, timeout: 1_000 });
});
after(() => server.close());

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = (/** @type {import('fast-check').Arbitrary<string>} */ arbitrary) =>
  arbitrary.map((value) => Buffer.from(value, 'latin1'));

const statusLine = text(
  fc.oneof(
    fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', 'HTTP/1.1 100 Continue', 'HTTP/2 200', 'HTTP/1.1 200'),
    fc.integer({ min: 0, max: 1200 }).map((status) => `HTTP/1.1 ${status} Whatever`),
  ),
);
const headerLine = text(
  fc.oneof(
    fc.constantFrom(
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: gzip, chunked',
      'Content-Encoding: gzip',
      'Connection: close',
      'Connection: upgrade',
      'Content-Length: 0',
      'Content-Length: -1',
      'Content-Length: 99999999999999999999',
      'Retry-After: x',
      'Location: //',
      ': empty',
      ' folded',
    ),
    fc.integer({ min: 0, max: 400 }).map((length) => `Content-Length: ${length}`),
    fc.string({ maxLength: 40 }),
  ),
);
const body = fc.oneof(
  bytes,
  text(fc.json()),
  fc.constantFrom(...callKinds.map(({ path }) => Buffer.from(answerTo(path)))),
);
const CRLF = Buffer.from('\r\n');

/** Mostly HTTP, so that every layer of the client gets its share. */
const anyResponse = fc.oneof(
  { weight: 1, arbitrary: bytes },
  {
    weight: 3,
    arbitrary: fc
      .tuple(statusLine, fc.array(headerLine, { maxLength: 5 }), body)
      .map(([line, lines, content]) =>
        Buffer.concat([line, CRLF, ...lines.flatMap((one) => [one, CRLF]), CRLF, content]),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(200, 201, 204, 400, 422, 429, 500), body)
      .map(([status, content]) => /** @type {const} */ ([status, /** @type {Buffer} */ (content)]))
      .map(([status, content]) =>
        Buffer.concat([Buffer.from(head(status, { 'Content-Length': content.length })), content]),
      ),
  },
);

/** @type {Record<string, (value: any) => boolean>} */
const shapeOf = {
  '/api/track/lead': (value) => value === null || typeof value.eventName === 'string',
  '/api/track/sale': (value) => typeof value.eventName === 'string' && typeof value.sale === 'object',
  '/api/embed/token': (value) => typeof value.publicToken === 'string' && value.expires instanceof Date,
};

for (const kind of callKinds) {
  it(`any response settles the call with a value or a typed error · ${kind.name}`, HANG, async () => {
    await fc.assert(
      fc.asyncProperty(anyResponse, async (generated) => {
        response = generated;
        const call = kind.send(client);
        /** @type {any} */
        const value = await call.catch(() => rejectionOf(call));
        if (value instanceof RefportError) {
          assert.ok(Number.isInteger(value.status), 'status is a number');
          assert.equal(typeof value.code, 'string');
          assert.equal(value.attempts, 1);
        } else {
          assert.ok(shapeOf[kind.path](value), JSON.stringify(value));
        }
      }),
      { numRuns: 250 },
    );
  });
}
