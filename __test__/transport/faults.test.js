'use strict';

// What a server, or a middlebox in front of it, can do to a request over plain HTTP/1.1.

const faults = require('../support/fault-behaviours.js');
const { describeFaults } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');

const { head } = faults;

/**
 * @param {number} [status]
 * @param {RegExp} [causeCode]
 */
const broken = (status = 0, causeCode) => ({
  name: 'RefportConnectionError',
  code: 'CONNECTION_ERROR',
  status,
  causeCode,
});
const timedOut = (status = 0) => ({ name: 'RefportTimeoutError', code: 'TIMEOUT', status });
const invalid = (/** @type {number} */ status) => ({ name: 'RefportError', code: 'INVALID_RESPONSE', status });

const lengthened = (/** @type {string} */ answer) => head(200, { 'Content-Length': answer.length + 10 }) + answer;
const chunk = (/** @type {string} */ text) => `${text.length.toString(16)}\r\n${text}\r\n`;
const chunkedHead = head(200, { 'Transfer-Encoding': 'chunked' });

/** @type {import('../support/fault-table.js').FaultRow[]} */
const rows = [
  {
    name: 'reset after reading the request',
    fault: faults.reset,
    retried: 'if repeatable',
    error: broken(0, /^ECONNRESET$/),
  },
  { name: 'EOF after reading the request', fault: faults.eof, retried: 'if repeatable', error: broken() },
  { name: 'accept and stall', fault: faults.stallOnConnect, retried: 'if repeatable', error: timedOut() },
  { name: 'stall after reading the head', fault: faults.stallOnHead, retried: 'if repeatable', error: timedOut() },
  { name: 'stall after reading the request', fault: faults.stall, retried: 'if repeatable', error: timedOut() },
  {
    name: 'stall in the middle of the head',
    fault: () => faults.raw('half a head', 'HTTP/1.1 200 OK\r\nContent-Ty'),
    retried: 'if repeatable',
    error: timedOut(),
  },
  {
    name: 'stall in the middle of the body',
    fault: () => faults.misframed('half a body', lengthened),
    retried: 'if repeatable',
    error: timedOut(200),
  },
  {
    name: 'a drip that outlasts the timeout',
    fault: () => faults.drip('slow drip', { step: 1, interval: 200 }),
    retried: 'if repeatable',
    error: timedOut(),
  },
  {
    name: 'EOF in the middle of the head',
    fault: () => faults.raw('cut head', 'HTTP/1.1 200 OK\r\nContent-Ty', 'end'),
    retried: 'if repeatable',
    error: broken(),
  },
  {
    name: 'a body shorter than its Content-Length',
    fault: () => faults.misframed('truncated', lengthened, 'end'),
    retried: 'if repeatable',
    error: broken(200),
  },
  {
    name: 'a chunked body without its last chunk',
    fault: () => faults.misframed('cut chunks', (answer) => chunkedHead + chunk(answer), 'end'),
    retried: 'if repeatable',
    error: broken(200),
  },
  {
    name: 'a chunk size that is no number',
    fault: () => faults.misframed('bad chunk', (answer) => `${chunkedHead}xyz\r\n${answer}\r\n`, 'end'),
    retried: 'if repeatable',
    error: broken(200),
  },
  {
    name: 'a Content-Length that is no number',
    fault: () => faults.misframed('length abc', (answer) => head(200, { 'Content-Length': 'abc' }) + answer),
    retried: 'if repeatable',
    error: broken(),
  },
  {
    name: 'two Content-Lengths that differ',
    fault: () =>
      faults.misframed(
        'two lengths',
        (answer) => head(200, { 'Content-Length': [answer.length, answer.length + 1] }) + answer,
      ),
    retried: 'if repeatable',
    error: broken(),
  },
  {
    name: 'a body longer than its Content-Length',
    fault: () => faults.misframed('overlong', (answer) => head(200, { 'Content-Length': 5 }) + answer),
    retried: 'never',
    error: invalid(200),
  },
  {
    name: 'garbage instead of a response',
    fault: () => faults.raw('garbage', Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0x0a, 0x0d, 0x0a])),
    retried: 'if repeatable',
    error: broken(),
  },
  {
    name: 'another protocol answering',
    fault: () => faults.raw('SSH', 'SSH-2.0-OpenSSH_9.6\r\n'),
    retried: 'if repeatable',
    error: broken(),
  },
];

describeFaults('HTTP/1.1', rows, (script, _kind, otherwise) => startFaultServer(script, { otherwise }));
