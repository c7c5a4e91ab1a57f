'use strict';

// Node's fetch takes a header without a name, which its Headers cannot look up.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { bothEngines } = require('../support/both-engines.js');
const { raw } = require('../support/fault-behaviours.js');
const { startFaultServer } = require('../support/fault-server.js');

test('over fetch, an answer with a header that has no name is an answer', async (t) => {
  const answer = 'HTTP/1.1 400 Whatever\r\n: empty\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nno';
  const server = await startFaultServer([], { otherwise: raw('nameless', answer, 'end') });
  t.after(() => server.close());
  const { fetch } = bothEngines(server.url);
  const { status, error } = await fetch(0, '{"clickId":"a","eventName":"b","customerExternalId":"c"}', false);
  assert.deepEqual([error.name, status, error.headers['set-cookie']], ['RefportValidationError', 400, 'a=1, b=2']);
});
