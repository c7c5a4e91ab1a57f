'use strict';

// Two engines hold one set of rules (src/api and lib/engine/fetch): whatever they are given, they agree on what is refused,
// what an answer means, and what the error tells.

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const fc = require('fast-check');
const { json, text } = require('../support/arbitraries.js');
const { API_KEY, engines, startAnsweringServer } = require('../support/both-engines.js');

/** @type {ReturnType<typeof engines>} */
let both;
/** @type {Awaited<ReturnType<typeof startAnsweringServer>>} */
let server;

before(async () => {
  both = engines();
  server = await startAnsweringServer();
});

after(() => server.close());

const operation = fc.constantFrom(0, 1, 2);

const member = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('', 'x', '\ud800', 7, 0, true, null, {}, [], { email: '' }, { email: 'a@b.test' }),
  },
  { weight: 1, arbitrary: text },
);
const params = fc.record(
  {
    clickId: member,
    eventName: member,
    customerExternalId: member,
    amount: member,
    invoiceId: member,
    tenantId: member,
    enrollmentId: member,
    partner: member,
  },
  { requiredKeys: [] },
);
const valid = [
  '{"clickId":"a","eventName":"b","customerExternalId":"c"}',
  '{"clickId":"a","customerExternalId":"c","amount":1}',
  '{"tenantId":"a"}',
];
const invoice = '{"clickId":"a","customerExternalId":"c","amount":1,"invoiceId":"in_1"}';

test('parameters', async () => {
  server.answer = { status: 400, headers: {}, body: Buffer.from('{}') };
  const clients = {
    native: both.native.create({ baseUrl: server.url }),
    fetch: both.fetch.create({ baseUrl: server.url }),
  };
  await fc.assert(
    fc.asyncProperty(
      operation,
      fc.oneof(
        params,
        json.map((text) => JSON.parse(text)),
      ),
      async (digit, value) => {
        const sent = JSON.stringify(value);
        assert.deepEqual(
          await both.fetch.call(clients.fetch, digit, sent),
          await both.native.call(clients.native, digit, sent),
        );
      },
    ),
    { numRuns: 600 },
  );
});

const status = fc.constantFrom(
  ...[200, 201, 204, 226, 300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 404, 408, 422, 429],
  ...[500, 501, 502, 503, 504, 505, 511, 520, 599],
);
const wait = fc.constantFrom(
  ...['0', '7', '1.5', '.5', '1.', '.', '-1', '+1', '1e3', 'inf', 'soon', '1.2.3', '99999999999999999999999'],
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
  JSON.stringify(JSON.stringify(API_KEY)),
  API_KEY.toUpperCase(),
  [...API_KEY].map((character) => `&#${character.charCodeAt(0)};`).join(''),
  [...API_KEY].map((character) => `\\x${character.charCodeAt(0).toString(16)}`).join(''),
  encodeURIComponent(encodeURIComponent(API_KEY)).slice(0, -1),
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
  const clients = {
    native: both.native.create({ baseUrl: server.url }),
    fetch: both.fetch.create({ baseUrl: server.url }),
  };
  await fc.assert(
    fc.asyncProperty(operation, fc.boolean(), status, headers, body, async (digit, withInvoice, code, head, bytes) => {
      server.answer = { status: code, headers: head, body: code === 204 || code === 304 ? Buffer.alloc(0) : bytes };
      const sent = digit === 1 && withInvoice ? invoice : /** @type {string} */ (valid[digit]);
      assert.deepEqual(
        await both.fetch.call(clients.fetch, digit, sent),
        await both.native.call(clients.native, digit, sent),
      );
    }),
    { numRuns: 1500 },
  );
});

const baseUrl = fc.constantFrom(
  ...['https://a.test', 'http://a.test:8080/prefix//', 'ftp://a.test', 'a.test', '', 'https://', 'https://user@a.test'],
  ...['https://:pw@a.test', 'https://a.test?', 'https://a.test#', 'https://a.test/?x=1', 'http://[::1]:1/'],
);
const headerName = fc.oneof(
  fc.constantFrom(
    'X-A',
    'x-a',
    'Authorization',
    'Host',
    'content-TYPE',
    'user-agent',
    'accept',
    'a b',
    '',
    'ä',
    'connection',
  ),
  fc.string({ unit: fc.constantFrom(...'aB-_.:(|~'), maxLength: 5 }),
);
const headerValue = fc.oneof(
  fc.constantFrom('x', '', 'ä', 'a\tb', 'a\r\nb: c', '\u007f', '\0'),
  fc.string({ maxLength: 5 }),
);
const apiKey = fc.oneof(
  fc.constantFrom('rk_1', 'rk 1', ' rk', 'rk\n', 'rk_ä'),
  fc.string({ minLength: 1, maxLength: 6 }),
);

test('configurations', () => {
  fc.assert(
    fc.property(
      fc.record(
        { baseUrl, apiKey, headers: fc.dictionary(headerName, headerValue, { maxKeys: 3 }) },
        { requiredKeys: [] },
      ),
      (changes) => {
        const outcome = (/** @type {object | string} */ made) => (typeof made === 'string' ? made : 'a client');
        assert.equal(outcome(both.fetch.create(changes)), outcome(both.native.create(changes)));
      },
    ),
    { numRuns: 2000 },
  );
});

test('headers of a call', async () => {
  server.answer = { status: 400, headers: {}, body: Buffer.from('{}') };
  const clients = {
    native: both.native.create({ baseUrl: server.url }),
    fetch: both.fetch.create({ baseUrl: server.url }),
  };
  const sent = /** @type {string} */ (valid[0]);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(headerName, headerValue, { maxKeys: 3 }), async (own) => {
      assert.deepEqual(
        await both.fetch.call(clients.fetch, 0, sent, { headers: own }),
        await both.native.call(clients.native, 0, sent, { headers: own }),
      );
    }),
    { numRuns: 300 },
  );
});
