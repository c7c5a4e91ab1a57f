'use strict';

// What HTTP/2 adds: streams that the server says it never looked at, and streams of which nobody can tell.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { describeFaults, HANG, resolved } = require('../support/fault-table.js');
const { startH2FaultServer } = require('../support/fault-server-h2.js');
const { ERROR, FLAG, FRAME, statusHeaders } = require('../support/h2-frames.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/** @typedef {import('../support/fault-server-h2.js').H2Fault} H2Fault */

/**
 * @param {H2Fault[]} script
 * @param {import('../support/call-kinds.js').CallKind} kind
 * @param {H2Fault} [otherwise]
 */
const start = async (script, kind, otherwise) => {
  const certificate = await (await trustedAuthority()).usual();
  return startH2FaultServer(script, { certificate, path: kind.path, ...(otherwise && { otherwise }) });
};
const trusting = async () => ({ ca: (await trustedAuthority()).ca });

/**
 * @param {string} name
 * @param {H2Fault['onRequest']} onRequest
 */
const fault = (name, onRequest) => () => ({ name, onRequest });
const broken = (status = 0) => ({ name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status });
const timedOut = (status = 0) => ({ name: 'RefportTimeoutError', code: 'TIMEOUT', status });

/** Response headers and half of the body, the stream left open. @type {H2Fault['onRequest']} */
const halfAnswer = ({ answer, body }) => answer(200, body.slice(0, body.length / 2), 0);

/** @type {import('../support/fault-table.js').FaultRow[]} */
const rows = [
  {
    name: 'REFUSED_STREAM',
    fault: fault('REFUSED_STREAM', ({ rst }) => rst(ERROR.REFUSED_STREAM)),
    retried: 'always',
    error: broken(),
  },
  {
    name: 'GOAWAY that leaves our stream out',
    fault: fault('GOAWAY below', ({ goaway }) => goaway(ERROR.NO_ERROR, 0)),
    retried: 'always',
    error: broken(),
  },
  {
    name: 'GOAWAY with an error that leaves our stream out',
    fault: fault('GOAWAY below, error', ({ goaway }) => goaway(ERROR.ENHANCE_YOUR_CALM, 0)),
    retried: 'always',
    error: broken(),
  },
  {
    name: 'GOAWAY that covers our stream, then EOF',
    fault: fault('GOAWAY, EOF', ({ goaway, hangUp, stream }) => {
      goaway(ERROR.NO_ERROR, stream);
      hangUp();
    }),
    retried: 'if repeatable',
    error: broken(),
  },
  {
    name: 'GOAWAY with an error that covers our stream, then EOF',
    fault: fault('GOAWAY error, EOF', ({ goaway, hangUp, stream }) => {
      goaway(ERROR.INTERNAL_ERROR, stream);
      hangUp();
    }),
    retried: 'if repeatable',
    error: broken(),
  },
  .../** @type {const} */ ([
    'PROTOCOL_ERROR',
    'INTERNAL_ERROR',
    'CANCEL',
    'ENHANCE_YOUR_CALM',
    'HTTP_1_1_REQUIRED',
    'NO_ERROR',
  ]).map((code) => ({
    name: `RST_STREAM with ${code}`,
    fault: fault(code, ({ rst }) => rst(ERROR[code])),
    retried: /** @type {const} */ ('if repeatable'),
    error: broken(),
  })),
  {
    name: 'EOF instead of an answer',
    fault: fault('EOF', ({ hangUp }) => hangUp()),
    retried: 'if repeatable',
    error: broken(),
  },
  { name: 'no answer', fault: fault('stall', () => {}), retried: 'if repeatable', error: timedOut() },
  {
    name: 'headers and no body',
    fault: fault('stall in the body', halfAnswer),
    retried: 'if repeatable',
    error: timedOut(200),
  },
  {
    name: 'RST_STREAM in the middle of the body',
    fault: fault('RST in the body', (exchange) => {
      halfAnswer(exchange);
      exchange.rst(ERROR.INTERNAL_ERROR);
    }),
    retried: 'if repeatable',
    error: broken(200),
  },
  {
    // A server that has begun to answer has processed the request, whatever it says afterwards.
    name: 'REFUSED_STREAM in the middle of the body',
    fault: fault('REFUSED in the body', (exchange) => {
      halfAnswer(exchange);
      exchange.rst(ERROR.REFUSED_STREAM);
    }),
    retried: 'if repeatable',
    error: broken(200),
  },
  {
    name: 'a frame that no stream may get',
    fault: fault('DATA on stream 0', ({ send }) => send(FRAME.DATA, 0, Buffer.from('x'), 0)),
    retried: 'if repeatable',
    error: broken(),
  },
  {
    name: 'headers that are no HPACK',
    fault: fault('bad HPACK', ({ send }) =>
      send(FRAME.HEADERS, FLAG.END_HEADERS | FLAG.END_STREAM, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
    ),
    retried: 'if repeatable',
    error: broken(),
  },
  {
    name: '500',
    fault: fault('500', ({ answer }) => answer(500, 'oops')),
    retried: 'if repeatable',
    error: { name: 'RefportError', code: 'UNKNOWN', status: 500, message: 'Unknown error', body: 'oops' },
  },
];

describeFaults('HTTP/2', rows, start, trusting);

describe('HTTP/2 answers in unusual order', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`a graceful GOAWAY does not touch the call it covers · ${kind.name}`, HANG, async (t) => {
      const server = await start(
        [
          {
            name: 'graceful GOAWAY',
            onRequest: ({ goaway, answer, body, stream }) => {
              goaway(ERROR.NO_ERROR, stream);
              answer(200, body);
            },
          },
        ],
        kind,
      );
      t.after(() => server.close());
      const client = clientFor(server, await trusting());
      assert.deepEqual(await kind.send(client), resolved(kind.path));
      assert.equal(server.attempts, 1);
      assert.deepEqual(await kind.send(client), resolved(kind.path));
      assert.equal(server.connections.opened, 2, 'the next call goes over a new connection');
    });

    it(`a whole answer before a reset is an answer · ${kind.name}`, HANG, async (t) => {
      const server = await start(
        [
          {
            name: 'answer, then RST',
            onRequest: ({ answer, body, rst }) => {
              answer(200, body);
              rst(ERROR.NO_ERROR);
            },
          },
        ],
        kind,
      );
      t.after(() => server.close());
      assert.deepEqual(await kind.send(clientFor(server, await trusting())), resolved(kind.path));
      assert.equal(server.attempts, 1);
    });

    it(`an interim response is skipped · ${kind.name}`, HANG, async (t) => {
      const server = await start(
        [
          {
            name: '103 first',
            onRequest: ({ send, answer, body }) => {
              send(FRAME.HEADERS, FLAG.END_HEADERS, statusHeaders(103));
              answer(200, body);
            },
          },
        ],
        kind,
      );
      t.after(() => server.close());
      assert.deepEqual(await kind.send(clientFor(server, await trusting())), resolved(kind.path));
    });
  }

  it('no second retry loop hides under `maxRetries: 0`', HANG, async (t) => {
    for (const code of [ERROR.REFUSED_STREAM, ERROR.NO_ERROR]) {
      /** @type {H2Fault['onRequest']} */
      const refuse = code === ERROR.REFUSED_STREAM ? ({ rst }) => rst(code) : ({ goaway }) => goaway(code, 0);
      const [kind] = callKinds;
      const server = await start([], kind, { name: 'refuse', onRequest: refuse });
      t.after(() => server.close());
      const error = await rejectionOf(kind.send(clientFor(server, { ...(await trusting()), maxRetries: 0 })));
      assert.equal(error.attempts, 1);
      assert.equal(server.attempts, 1);
    }
  });

  it('a stream the server refuses does not disturb its neighbours', HANG, async (t) => {
    const [kind] = callKinds;
    /** @type {H2Fault[]} */
    const script = Array.from({ length: 40 }, (_, index) => ({
      name: 'every other refused',
      onRequest: ({ rst, answer, body }) => (index % 2 ? rst(ERROR.REFUSED_STREAM) : answer(200, body)),
    }));
    const server = await start(script, kind);
    t.after(() => server.close());
    const client = clientFor(server, await trusting());
    const results = await Promise.all(Array.from({ length: 40 }, () => kind.send(client)));
    assert.ok(results.every((result) => result.eventName === 'Sign up'));
    assert.equal(server.attempts, 60);
  });
});
