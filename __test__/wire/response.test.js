'use strict';

// A success reaches the caller as JSON.parse reads it, fields that nobody knows yet included.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const fc = require('fast-check');
const { answerText } = require('../support/arbitraries.js');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

const BOM = '\ufeff';
const DEPTH = 100_000;

/** What the endpoint's caller gets for a body. */
const dated = (/** @type {any} */ data) => ({ ...data, expires: new Date(data.expires) });

describe('the response', () => {
  /** @type {import('../support/recording-server.js').Answer} */
  let answer;
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(() => answer);
  });
  after(() => server.close());

  for (const entry of entries) {
    /** @param {import('../support/endpoints.js').Endpoint} endpoint */
    const receive = async (endpoint, /** @type {typeof answer} */ body) => {
      answer = body;
      const { data, error } = await entry.outcomeOf(endpoint.call(clientOf(entry, server), endpoint.params));
      assert.equal(error, null);
      return data;
    };

    for (const endpoint of endpoints) {
      const title = (/** @type {string} */ what) => `${entry.name}, ${endpoint.name}: ${what}`;
      const body = JSON.stringify(endpoint.answer);
      const parsed = (/** @type {string} */ text) =>
        endpoint.name === 'embedTokens.create' ? dated(JSON.parse(text)) : JSON.parse(text);

      it(title('any JSON, written in any way'), async () => {
        await fc.assert(
          fc.asyncProperty(answerText(endpoint.answer), async (text) => {
            const data = await receive(endpoint, { body: text });
            assert.deepStrictEqual(data, parsed(text));
            assert.equal(JSON.stringify(data), JSON.stringify(parsed(text)), 'the order of members has changed');
          }),
          { numRuns: 100 },
        );
      });

      it(title('a byte order mark'), async () => {
        assert.deepStrictEqual(await receive(endpoint, { body: BOM + body }), parsed(body));
      });

      it(title('another content type, or none'), async () => {
        for (const type of ['text/html', 'application/json; charset=utf-16', 'nonsense', '']) {
          const data = await receive(endpoint, { body, headers: { 'Content-Type': type } });
          assert.deepStrictEqual(data, parsed(body));
        }
      });

      it(title('any status of success'), async () => {
        for (const status of [200, 201, 202, 203, 226, 299]) {
          assert.deepStrictEqual(await receive(endpoint, { body, status }), parsed(body));
        }
      });

      it(title('bytes that are not UTF-8, as fetch reads them'), async () => {
        const bytes = [0xff, 0xc3, 0x28, 0xe2, 0x82, 0xf0, 0x9f, 0x98, 0xed, 0xa0, 0x80, 0xc0, 0x80];
        const spoilt = Buffer.concat([
          Buffer.from('{"extra":"'),
          Buffer.from(bytes),
          Buffer.from(`",${body.slice(1)}`),
        ]);
        const data = await receive(endpoint, { body: spoilt });
        assert.deepStrictEqual(data, parsed(new TextDecoder().decode(spoilt)));
      });

      it(title('a name given twice counts as JSON.parse has it'), async () => {
        for (const text of [
          `{"click":1,"sale":1,"expires":1,${body.slice(1)}`,
          `{"extra":1,"extra":[2],${body.slice(1)}`,
        ]) {
          assert.deepStrictEqual(await receive(endpoint, { body: text }), parsed(text));
        }
      });

      it(title(`a field nested ${DEPTH} deep`), async () => {
        const data = await receive(endpoint, {
          body: `{"deep":${'['.repeat(DEPTH)}"core"${']'.repeat(DEPTH)},${body.slice(1)}`,
        });
        let depth = 0;
        let inner = data.deep;
        for (; Array.isArray(inner); inner = inner[0]) depth += 1;
        assert.deepEqual([depth, inner], [DEPTH, 'core']);
        const { deep: _deep, ...rest } = data;
        assert.deepStrictEqual(rest, parsed(body));
      });

      it(title('most of a megabyte'), async () => {
        const text = JSON.stringify({ ...endpoint.answer, long: 'é😀\u2028"\\'.repeat(50_000) });
        assert.deepStrictEqual(await receive(endpoint, { body: text }), parsed(text));
      });
    }

    it(`${entry.name}, track.lead: null, the click has no link`, async () => {
      for (const body of ['null', ' null\r\n', `${BOM}null`]) assert.equal(await receive(endpoints[0], { body }), null);
    });

    it(`${entry.name}, embedTokens.create: expires is a Date`, async () => {
      for (const expires of ['2030-01-01T00:00:00.000Z', '2030-01-01T02:30:00+02:00', '2030-01-01']) {
        const data = await receive(endpoints[2], { body: JSON.stringify({ publicToken: 'pt_1', expires }) });
        assert.ok(data.expires instanceof Date);
        assert.equal(data.expires.getTime(), Date.parse(expires));
        assert.equal(data.publicToken, 'pt_1');
      }
    });
  }
});
