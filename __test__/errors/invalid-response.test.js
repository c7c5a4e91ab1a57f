'use strict';

// A success that is not what the endpoint promises is an error of its own, with the status that came.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { assertError } = require('../support/refport-client.js');

const everywhere = [
  '',
  ' ',
  '[]',
  '[{}]',
  '{}',
  '"text"',
  '7',
  'true',
  'undefined',
  '<html></html>',
  '{"click":{}',
  '{}{}',
  "{'a':1}",
  '{"a":01}',
];

/**
 * Members that are missing, null or something else, one at a time.
 *
 * @param {Record<string, unknown>} answer
 * @param {string} name
 * @param {unknown[]} others
 */
const without = (answer, name, others) => [
  ...others.map((other) => JSON.stringify({ ...answer, [name]: other })),
  JSON.stringify(Object.fromEntries(Object.entries(answer).filter(([key]) => key !== name))),
];
const noObjects = [null, 'text', 7, true, [], [{}]];
const noTexts = [null, '', 7, true, [], {}];
const noDates = [
  ...[...noTexts, 'soon', '2030-13-01T00:00:00Z', '2030-01-01T25:00:00Z', ' ', 'NaN'],
  // What Date reads as well, each engine in its own way.
  ...['Tue, 01 Jan 2030 00:00:00 GMT', '2030', '1/1/2030', '2030-02-30'],
];

const [lead, sale, token] = endpoints;
const specific = {
  [lead.name]: ['click', 'link', 'customer'].flatMap((name) => without(lead.answer, name, noObjects)),
  [sale.name]: ['null', ...['customer', 'sale'].flatMap((name) => without(sale.answer, name, noObjects))],
  [token.name]: [
    'null',
    ...without(token.answer, 'publicToken', noTexts),
    ...without(token.answer, 'expires', noDates),
    // To the character, though JSON.stringify would write it otherwise.
    '{ "publicToken": "pt_1", "expires": "soon", "extra": [1e400, "\\u0041", 1.0] }\n',
  ],
};

describe('INVALID_RESPONSE', () => {
  /** @type {import('../support/recording-server.js').Answer} */
  let answer;
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(() => answer);
  });
  after(() => server.close());

  for (const entry of entries) {
    for (const endpoint of endpoints) {
      for (const [status, bodies] of /** @type {[number, string[]][]} */ ([
        [200, [...everywhere, ...specific[endpoint.name]]],
        [201, [...everywhere, ...specific[endpoint.name]]],
        [204, ['']],
        [205, ['']],
      ])) {
        it(`${entry.name}, ${endpoint.name}: ${status}`, async () => {
          const client = clientOf(entry, server);
          for (const body of bodies) {
            answer = { status, body, headers: { 'X-Request-Id': 'req_1' } };
            const { data, error } = await entry.outcomeOf(endpoint.call(client, endpoint.params));
            assert.ok(error, `${body} passed as ${JSON.stringify(data)}`);
            assertError(error, { name: 'RefportError', code: 'INVALID_RESPONSE', status, message: /\S/ });
            assert.equal(error.constructor, entry.sdk.RefportError);
            assert.deepEqual([error.body, error.attempts, error.requestId], [body, 1, 'req_1']);
            assert.equal(error.headers['x-request-id'], 'req_1');
            assert.ok(error.cause instanceof Error);
          }
        });
      }
    }
  }

  it('names the member that is not as promised', async () => {
    for (const [endpoint, name] of /** @type {[typeof lead, string][]} */ ([
      [lead, 'click'],
      [lead, 'link'],
      [lead, 'customer'],
      [sale, 'customer'],
      [sale, 'sale'],
      [token, 'publicToken'],
      [token, 'expires'],
    ])) {
      for (const value of [undefined, null, 7, name === 'expires' ? 'soon' : []]) {
        answer = { body: JSON.stringify({ ...endpoint.answer, [name]: value }) };
        const { error } = await entries[0].outcomeOf(endpoint.call(clientOf(entries[0], server), endpoint.params));
        assert.match(error.message, new RegExp(`\\b${name}\\b`));
      }
    }
  });
});
