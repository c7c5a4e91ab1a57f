'use strict';

// An answer that is compressed although nobody asked for that: the one thing that the engines make different of a body.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { gzipSync } = require('node:zlib');
const { engines, startAnsweringServer } = require('../support/both-engines.js');

test('fetch unpacks it, and the addon says that it is no JSON', async (t) => {
  const server = await startAnsweringServer();
  t.after(() => server.close());
  const answer = { click: {}, link: {}, customer: {} };
  const body = gzipSync(JSON.stringify(answer));
  server.answer = { status: 200, headers: { 'content-encoding': 'gzip' }, body };
  const { fetch, native } = engines();
  const outcome = (/** @type {typeof fetch} */ engine) =>
    engine.call(engine.create({ baseUrl: server.url }), 0, '{"clickId":"a","eventName":"b","customerExternalId":"c"}');
  assert.deepEqual((await outcome(fetch)).data, answer);
  const { kind } = /** @type {{ kind?: string }} */ (await outcome(native));
  assert.equal(kind, 'invalidResponse');
});
