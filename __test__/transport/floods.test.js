'use strict';

// Responses without an end: memory stays bounded because reading stops at the bound, and time because every attempt
// has one deadline, whatever trickles in.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const faults = require('../support/fault-behaviours.js');
const { callKinds } = require('../support/call-kinds.js');
const { describeFaults, HANG, resolved } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { clientFor, rejectionOf } = require('../support/refport-client.js');

const MIB = 1024 * 1024;
const BLOCK = Buffer.alloc(64 * 1024, 'x');
const HEADER_LINES = Buffer.from('X-Filler: 0123456789abcdef0123456789abcdef\r\n'.repeat(256));
const HINTS = Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(256));
const HINT = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';

/** @type {import('../support/fault-table.js').FaultRow[]} */
const rows = [
  {
    name: 'a body without end on a 200',
    fault: () => faults.flood('endless body', 'HTTP/1.1 200 OK\r\n\r\n', BLOCK),
    retried: 'never',
    error: { name: 'RefportError', code: 'INVALID_RESPONSE', status: 200 },
  },
  {
    name: 'a 200 that announces 2 MiB',
    fault: () => faults.flood('huge body', `HTTP/1.1 200 OK\r\nContent-Length: ${2 * MIB}\r\n\r\n`, BLOCK),
    retried: 'never',
    error: { name: 'RefportError', code: 'INVALID_RESPONSE', status: 200 },
  },
  {
    name: 'a body without end on a 500',
    fault: () => faults.flood('endless error', 'HTTP/1.1 500 Oops\r\n\r\n', BLOCK),
    retried: 'if repeatable',
    error: { name: 'RefportError', code: 'UNKNOWN', status: 500 },
  },
  {
    name: 'headers without end',
    fault: () => faults.flood('endless head', 'HTTP/1.1 200 OK\r\n', HEADER_LINES),
    retried: 'if repeatable',
    error: { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 0 },
  },
  {
    name: 'one header line without end',
    fault: () => faults.flood('endless line', 'HTTP/1.1 200 OK\r\nX-Filler: ', BLOCK),
    retried: 'if repeatable',
    error: { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 0 },
  },
  {
    name: 'interim responses without end',
    fault: () => faults.flood('endless 103', '', HINTS),
    retried: 'if repeatable',
    error: { name: 'RefportTimeoutError', code: 'TIMEOUT', status: 0 },
  },
];

describeFaults('floods', rows, (script, _kind, otherwise) => startFaultServer(script, { otherwise }), {}, 12);

for (const kind of callKinds) {
  it(`a hundred interim responses before the answer are skipped · ${kind.name}`, HANG, async (t) => {
    const server = await startFaultServer([
      faults.misframed(
        '100 × 103',
        (answer) => HINT.repeat(100) + faults.head(200, { 'Content-Length': answer.length }) + answer,
      ),
    ]);
    t.after(() => server.close());
    assert.deepEqual(await kind.send(clientFor(server)), resolved(kind.path));
    assert.equal(server.attempts, 1);
  });

  it(`an answer that drips in before the deadline is an answer · ${kind.name}`, HANG, async (t) => {
    const server = await startFaultServer([faults.drip('drip', { step: 10, interval: 5 })]);
    t.after(() => server.close());
    assert.deepEqual(await kind.send(clientFor(server, { timeout: 30_000 })), resolved(kind.path));
    assert.equal(server.attempts, 1);
  });
}

it('keeps only a bounded part of a flood in `error.body`', HANG, async (t) => {
  const server = await startFaultServer([faults.flood('endless error', 'HTTP/1.1 400 No\r\n\r\n', BLOCK)]);
  t.after(() => server.close());
  const error = await rejectionOf(callKinds[0].send(clientFor(server)));
  assert.equal(error.status, 400);
  const { length } = error.body ?? assert.fail('no body');
  assert.ok(length <= 64 * 1024, `${length} characters of body`);
});

it('stops reading at the bound: the connection is closed, not drained', HANG, async (t) => {
  const server = await startFaultServer([faults.flood('endless', 'HTTP/1.1 200 OK\r\n\r\n', BLOCK)]);
  t.after(() => server.close());
  await rejectionOf(callKinds[0].send(clientFor(server)));
  await server.drained();
});

it('accepts a body just below the bound', HANG, async (t) => {
  const server = await startFaultServer([
    faults.misframed('nearly 1 MiB', (answer) => {
      const body = `${answer.slice(0, -1) + ' '.repeat(MIB - answer.length)}}`;
      return faults.head(200, { 'Content-Length': body.length }) + body;
    }),
  ]);
  t.after(() => server.close());
  const [kind] = callKinds;
  assert.deepEqual(await kind.send(clientFor(server)), resolved(kind.path));
});
