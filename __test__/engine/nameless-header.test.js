'use strict';

// Node's fetch takes a header without a name, which its Headers cannot look up.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { engines } = require('../support/both-engines.js');
const { raw } = require('../support/fault-behaviours.js');
const { startFaultServer } = require('../support/fault-server.js');

test('over fetch, an answer with a header that has no name is an answer', async (t) => {
  const answer = 'HTTP/1.1 400 Whatever\r\n: empty\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nno';
  const server = await startFaultServer([], { otherwise: raw('nameless', answer, 'end') });
  t.after(() => server.close());
  const { fetch } = engines();
  const params = '{"clickId":"a","eventName":"b","customerExternalId":"c"}';
  const { kind, status } = /** @type {any} */ (await fetch.call(fetch.create({ baseUrl: server.url }), 0, params));
  assert.deepEqual({ kind, status }, { kind: 'api', status: 400 });
});
