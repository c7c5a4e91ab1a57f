'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { once } = require('node:events');
const { describe, it } = require('node:test');
const { text } = require('node:stream/consumers');
const fc = require('fast-check');

const { getClickIdFromRequest } = require('refport');
const { frameworks } = require('../support/click-id-frameworks.js');
const { awsEvents, cookieStores, fetchRequests, nextStores, plainObjects } = require('../support/click-id-requests.js');

const ids = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });

/** In a store, without the header, it cannot be told whether quotes around a value belong to it. */
const idsWithoutQuotes = ids.filter((id) => !/^".*"$/s.test(id));

/**
 * The way the browser SDK writes it.
 * @param {string} id
 */
const header = (id) => `theme=dark; refp_id=${encodeURIComponent(id)}; lang=en`;

describe('an ID that the browser SDK wrote', () => {
  for (const [shape, request] of Object.entries({ ...fetchRequests, ...awsEvents })) {
    it(`comes back from ${shape}`, () => {
      fc.assert(fc.property(ids, (id) => assert.equal(getClickIdFromRequest(request(header(id))), id)));
    });
  }

  for (const [shape, request] of Object.entries({ ...nextStores, ...cookieStores, ...plainObjects })) {
    it(`comes back from ${shape}`, () => {
      fc.assert(fc.property(idsWithoutQuotes, (id) => assert.equal(getClickIdFromRequest(request(header(id))), id)));
    });
  }

  for (const [framework, listen] of Object.entries(frameworks)) {
    it(`comes back from a server of ${framework}`, async () => {
      const server = http.createServer(
        await listen((requests) =>
          JSON.stringify(Object.values(requests).map((request) => getClickIdFromRequest(request))),
        ),
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      const agent = new http.Agent({ keepAlive: true });
      try {
        await fc.assert(
          fc.asyncProperty(idsWithoutQuotes, async (id) => {
            const request = http.get({ port, host: '127.0.0.1', agent, headers: { cookie: header(id) } });
            const [response] = await once(request, 'response');
            const found = JSON.parse(await text(response));
            assert.deepEqual(found, Array(found.length).fill(id));
            assert.notEqual(found.length, 0);
          }),
          { numRuns: 30 },
        );
      } finally {
        agent.destroy();
        server.close();
      }
    });
  }
});
