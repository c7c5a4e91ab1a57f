'use strict';

// What a request is made of, apart from its body: exactly these headers, from either entry.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { version } = require('../../package.json');
const { isFetch } = require('../support/engine.js');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { API_KEY } = require('../support/refport-client.js');

/** What Node's fetch sends besides. */
const withoutAdditions = (
  /** @type {import('node:http').IncomingHttpHeaders} */ {
    'accept-language': _language,
    'sec-fetch-mode': _mode,
    connection: _connection,
    ...own
  },
) => own;

describe('the request', () => {
  for (const entry of entries) {
    for (const endpoint of endpoints) {
      it(`${endpoint.name} of ${entry.name}: method, path and headers`, async (t) => {
        const server = await startRecordingServer();
        t.after(() => server.close());
        await endpoint.call(clientOf(entry, server), endpoint.params);

        assert.equal(server.requests.length, 1);
        const [{ method, path, headers, rawHeaders, body }] = server.requests;
        assert.deepEqual([method, path], ['POST', endpoint.path]);
        const { 'accept-encoding': encoding, ...own } = isFetch ? withoutAdditions(headers) : headers;
        assert.equal(encoding, isFetch ? 'identity' : undefined);
        assert.deepEqual(own, {
          accept: 'application/json',
          authorization: `Bearer ${API_KEY}`,
          'content-length': String(body.length),
          'content-type': 'application/json',
          host: new URL(server.url).host,
          'user-agent': `refport-node/${version} node/${process.versions.node} (${process.platform}; ${process.arch})`,
        });
        assert.equal(rawHeaders.length, 2 * Object.keys(headers).length, 'a header was sent twice');
      });
    }
  }

  it('is the same for every call of a client', async (t) => {
    const server = await startRecordingServer();
    t.after(() => server.close());
    const client = clientOf(entries[0], server);
    for (let i = 0; i < 3; i++) await endpoints[0].call(client, endpoints[0].params);
    const [first, ...others] = server.requests;
    for (const other of others) assert.deepEqual(other, first);
  });

  it('carries the key of its own client, though clients share connections', async (t) => {
    const server = await startRecordingServer();
    t.after(() => server.close());
    const keys = Array.from({ length: 20 }, (_, i) => `rk_${i}`);
    await Promise.all(
      keys.map((apiKey) => {
        const client = clientOf(entries[0], server, { apiKey });
        return client.track.lead({ clickId: apiKey, eventName: 'e', customerExternalId: 'c' });
      }),
    );
    assert.equal(server.requests.length, keys.length);
    for (const { headers, body } of server.requests) {
      assert.equal(headers.authorization, `Bearer ${JSON.parse(body.toString()).clickId}`);
    }
  });
});
