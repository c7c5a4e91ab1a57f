'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');
const { after, before, describe, it } = require('node:test');
const { text } = require('node:stream/consumers');

const { getClickIdFromRequest } = require('refport');
const { cookies } = require('../support/click-id-cookies.js');
const { frameworks } = require('../support/click-id-frameworks.js');

/** @param {Record<string, unknown>} requests */
function answer(requests) {
  const ids = Object.entries(requests).map(([name, request]) => [name, getClickIdFromRequest(request)]);
  return JSON.stringify(Object.fromEntries(ids));
}

for (const [framework, listen] of Object.entries(frameworks)) {
  describe(`a request to a server of ${framework}`, () => {
    /** @type {http.Server} */
    let server;

    before(async () => {
      server = http.createServer(await listen(answer)).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });

    after(() => server.close());

    for (const [name, { header, id }] of Object.entries(cookies)) {
      it(`gives the click ID: ${name}`, async () => {
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        const headers = header === undefined ? {} : { cookie: header };
        const request = http.get({ port, host: '127.0.0.1', headers, agent: false });
        const [response] = await once(request, 'response');
        assert.equal(response.statusCode, 200);
        const ids = JSON.parse(await text(response));
        assert.notDeepEqual(ids, {});
        assert.deepEqual(ids, Object.fromEntries(Object.keys(ids).map((key) => [key, id])));
      });
    }
  });
}
