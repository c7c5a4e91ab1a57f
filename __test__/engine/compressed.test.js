'use strict';

// An answer that is compressed although nobody asked for that: the one thing that the engines make different of a body.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { gzipSync } = require('node:zlib');
const { bothEngines, startAnsweringServer } = require('../support/both-engines.js');

test('fetch unpacks it, and the addon says that it is no JSON', async (t) => {
  const server = await startAnsweringServer();
  t.after(() => server.close());
  const answer = { click: {}, link: {}, customer: {} };
  const body = gzipSync(JSON.stringify(answer));
  server.answer = { status: 200, headers: { 'content-encoding': 'gzip' }, body };
  const { fetch, native } = bothEngines(server.url);
  const call = /** @type {const} */ ([0, '{"clickId":"a","eventName":"b","customerExternalId":"c"}', false]);
  assert.deepEqual((await fetch(...call)).data, answer);
  assert.equal((await native(...call)).error.code, 'INVALID_RESPONSE');
});
