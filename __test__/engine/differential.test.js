'use strict';

// Two engines hold one set of rules (src/api and lib/engine/fetch): whatever the API answers, they agree on what it means
// and on what the error reports.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const fc = require('fast-check');
const { json } = require('../support/arbitraries.js');
const { API_KEY, bothEngines, startAnsweringServer } = require('../support/both-engines.js');

/** @type {Awaited<ReturnType<typeof startAnsweringServer>>} */
let server;
/** @type {ReturnType<typeof bothEngines>} */
let both;

before(async () => {
  server = await startAnsweringServer();
  both = bothEngines(server.url);
});

after(() => server.close());

const operation = fc.constantFrom(0, 1, 2);

const valid = [
  '{"clickId":"a","eventName":"b","customerExternalId":"c"}',
  '{"clickId":"a","customerExternalId":"c","amount":1}',
  '{"tenantId":"a"}',
];

// Not 421: Node's fetch then repeats the request by itself.
const status = fc.constantFrom(
  ...[200, 201, 204, 226, 300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 403, 404, 405, 408, 422, 425, 429],
  ...[500, 501, 502, 503, 504, 505, 511, 520, 599],
);
const wait = fc.constantFrom(
  ...[
    '0',
    '7',
    '1.5',
    '.5',
    '1.',
    '.',
    '-1',
    '+1',
    '1e3',
    'inf',
    'soon',
    '1.2.3',
    '99999999999999999999999',
    '3599.5',
    '3601',
    '9'.repeat(400),
  ],
  ...['Wed, 21 Oct 2015 07:28:00 GMT', 'Thu, 21 Oct 2015 07:28:00 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT'],
  ...[
    'Sun Nov  6 08:49:37 1994',
    'Sun Nov 06 08:49:37 1994',
    '2015-10-21',
    '21 Oct 2015',
    'Fri, 31 Feb 2014 00:00:00 GMT',
  ],
);
const headers = fc.record(
  {
    'retry-after': wait,
    'retry-after-ms': wait,
    'x-request-id': fc.constantFrom('req_1', `got ${API_KEY}`),
    'cf-ray': fc.constant('ray'),
    location: fc.constantFrom(
      'https://elsewhere.test/x',
      '//elsewhere.test',
      'http://[',
      'ftp://a.test',
      `https://a.test/?k=${API_KEY}`,
    ),
  },
  { requiredKeys: [] },
);
const date = fc.oneof(
  fc.constantFrom(
    '2030-01-01',
    '2030-02-29',
    '2028-02-29T24:00',
    '2030-01-31T23:59:59.999+02:00',
    'soon',
    '2030',
    '0000-01-01',
  ),
  fc.string({ unit: fc.constantFrom(...'0123456789TZ:.+-'), maxLength: 25 }),
);
const promised = fc.constantFrom({}, [], '', 'x', 7, null, true);
const answer = fc.record(
  {
    click: promised,
    link: promised,
    customer: promised,
    sale: promised,
    publicToken: promised,
    expires: fc.oneof(promised, date),
  },
  { requiredKeys: [] },
);
const escaped = [
  encodeURIComponent(API_KEY),
  encodeURIComponent(API_KEY).toLowerCase(),
  `${new URLSearchParams({ key: API_KEY })}`,
  JSON.stringify(API_KEY),
  JSON.stringify(API_KEY).replaceAll('/', '\\/'),
  API_KEY.toUpperCase(),
  ...['&quot;', '&#34;'].map((quote) => API_KEY.replaceAll('&', '&amp;').replaceAll('"', quote)),
];
const said = fc.constantFrom(...escaped, 'no', '', 7, null, `you sent Bearer ${API_KEY}`, 'half \ud800 a pair');
const refusal = fc.record({ error: fc.oneof(fc.record({ code: said, message: said }, { requiredKeys: [] }), said) });
const body = fc.oneof(
  answer.map((value) => Buffer.from(JSON.stringify(value))),
  answer.map((value) => Buffer.from(`\ufeff ${JSON.stringify(value)}\n`)),
  refusal.map((value) => Buffer.from(JSON.stringify(value).replaceAll('\\ud800', '\ufffd'))),
  json.map((value) => Buffer.from(value)),
  fc.constantFrom('', 'null', ' null ', '{', '{"a":1}x', '[1', '<html>', 'nul').map((value) => Buffer.from(value)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(16_383, 16_384, 16_385, 1 << 20, (1 << 20) + 1)
    .map((length) => Buffer.from(`"${'ä'.repeat(length / 2)}"`)),
);

test('answers', async () => {
  await fc.assert(
    fc.asyncProperty(operation, fc.boolean(), status, headers, body, async (digit, isIdempotent, code, head, bytes) => {
      server.answer = { status: code, headers: head, body: code === 204 || code === 304 ? Buffer.alloc(0) : bytes };
      const call = /** @type {const} */ ([digit, /** @type {string} */ (valid[digit]), isIdempotent]);
      assert.deepEqual(await both.fetch(...call), await both.native(...call));
    }),
    { numRuns: 1500 },
  );
});
