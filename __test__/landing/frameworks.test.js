'use strict';

// A landing request as real frameworks hand it out.

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');
const { after, before, describe, test } = require('node:test');
const { json } = require('node:stream/consumers');
const { captureClickId } = require('refport');
const { frameworks } = require('../support/click-id-frameworks.js');

/** What has no URL, or none with a query. */
const PARTS = /cookies|headersDistinct/;

/** @param {Record<string, unknown>} requests */
function answer(requests) {
  const clicks = Object.entries(requests)
    .filter(([name]) => !PARTS.test(name))
    .map(([name, request]) => [name, captureClickId(request)]);
  return JSON.stringify(Object.fromEntries(clicks));
}

for (const [framework, listen] of Object.entries(frameworks)) {
  describe(`a landing on a server of ${framework}`, () => {
    /** @type {http.Server} */
    let server;

    before(async () => {
      server = http.createServer(await listen(answer)).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });

    after(() => server.close());

    for (const [host, secure] of [
      ['shop.example', '; Secure'],
      ['localhost', ''],
    ]) {
      test(`at ${host}`, async () => {
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
        const path = '/?a=b&refp_id=click%2F1&refp_id=click_2';
        const request = http.get({ port, host: '127.0.0.1', path, headers: { host }, agent: false });
        const [response] = await once(request, 'response');
        assert.equal(response.statusCode, 200);
        const clicks = Object.values(/** @type {object} */ (await json(response)));
        assert.notEqual(clicks.length, 0);
        const setCookie = `refp_id=click%2F1; Max-Age=7776000; Path=/; SameSite=Lax; HttpOnly${secure}`;
        assert.deepEqual(
          clicks,
          clicks.map(() => ({ clickId: 'click/1', setCookie })),
        );
      });
    }
  });
}
