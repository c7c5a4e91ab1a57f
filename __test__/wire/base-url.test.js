'use strict';

// Where a request goes: the endpoint's path below whatever the base URL is, without a slash too many.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { endpoints } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { clientFor } = require('../support/refport-client.js');

/** What is appended to the origin, and what the path must then begin with. */
const prefixes = {
  '': '',
  '/': '',
  '///': '',
  '/gateway': '/gateway',
  '/gateway/': '/gateway',
  '/gateway//': '/gateway',
  '/a/b/c/': '/a/b/c',
  '/a//b': '/a//b',
  '/a/../b/': '/b',
  '/pr%C3%A4fix': '/pr%C3%A4fix',
  '/präfix/': '/pr%C3%A4fix',
  '/with space': '/with%20space',
  '/api': '/api',
};

describe('baseUrl', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  for (const [prefix, expected] of Object.entries(prefixes)) {
    for (const endpoint of endpoints) {
      it(`<origin>${prefix} · ${endpoint.name}`, async () => {
        server.requests.length = 0;
        await endpoint.call(clientFor({ url: server.url + prefix }), endpoint.params);
        assert.deepEqual(
          server.requests.map(({ path }) => path),
          [expected + endpoint.path],
        );
      });
    }
  }

  it('may be written in capitals', async () => {
    server.requests.length = 0;
    await endpoints[0].call(clientFor({ url: server.url.replace('http', 'HTTP') }), endpoints[0].params);
    assert.equal(server.requests[0].path, endpoints[0].path);
  });
});
