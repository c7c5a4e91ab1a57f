'use strict';

// The native side and JSON.parse agree on what JSON is, to the character: a text that only one of them accepts would
// spoil the batch of results it travels in.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const fc = require('fast-check');
const { answerText } = require('../support/arbitraries.js');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

const isObject = (/** @type {unknown} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @returns {value is string} */
const isText = (/** @type {unknown} */ value) => typeof value === 'string' && value !== '';

const isDate = (/** @type {unknown} */ value) =>
  isText(value) &&
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(value) &&
  !Number.isNaN(Date.parse(value));

/**
 * What callers are promised, written as they would check it.
 * @type {Record<string, (data: any) => boolean>}
 */
const isPromised = {
  'track.lead': (data) =>
    data === null || (isObject(data) && ['click', 'link', 'customer'].every((name) => isObject(data[name]))),
  'track.sale': (data) => isObject(data) && isObject(data.customer) && isObject(data.sale),
  'embedTokens.create': (data) => isObject(data) && isText(data.publicToken) && isDate(data.expires),
};

/** @returns {{ data: any } | undefined} */
function read(/** @type {string} */ text, /** @type {string} */ name) {
  try {
    const data = JSON.parse(text.replace(/^\ufeff/, ''));
    if (!isPromised[name]?.(data)) return undefined;
    return { data: name === 'embedTokens.create' ? { ...data, expires: new Date(data.expires) } : data };
  } catch {
    return undefined;
  }
}

const piece = fc.oneof(
  fc.constantFrom(...'{}[]:,"\\0-+.eE \t\n\0\x1f\x7f'),
  fc.constantFrom(
    '\\u',
    '\\ud800',
    '\\uDBFF',
    '\\x',
    '01',
    '-',
    '1.',
    '.5',
    '1e',
    'NaN',
    'nul',
    'true',
    '//',
    '\ufeff',
    '\u00a0',
    "'",
  ),
  fc.constantFrom(
    '"click":',
    '"sale":{}',
    '"customer":null,',
    ',"expires":"x"',
    '"publicToken":""',
    '"link":[]',
    '{"click":{}}',
  ),
);

/** One edit: cut `length` characters at a place and put something there instead. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(6),
  put: fc.oneof(piece, fc.constant('')),
});

/**
 * @param {string} text
 * @param {{ at: number, length: number, put: string }[]} edits
 */
const spoil = (text, edits) =>
  edits.reduce((all, { at, length, put }) => {
    const start = Math.floor(at * all.length);
    return all.slice(0, start) + put + all.slice(start + length);
  }, text);

describe('a body that may or may not be what the endpoint promises', () => {
  /** @type {Map<string, string>} */
  const bodies = new Map();
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(({ headers }) => ({ body: bodies.get(String(headers['x-case'])) ?? '' }));
  });
  after(() => server.close());

  for (const endpoint of endpoints) {
    it(`${endpoint.name}: is judged as JSON.parse judges it, each on its own`, async () => {
      const client = clientOf(entries[0], server);
      const body = fc.oneof(
        {
          weight: 4,
          arbitrary: fc
            .tuple(answerText(endpoint.answer), fc.array(edit, { maxLength: 2 }))
            .map(([text, edits]) => spoil(text, edits)),
        },
        { weight: 1, arbitrary: fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')) },
      );
      await fc.assert(
        // Many at a time, so that good and bad ones share batches.
        fc.asyncProperty(fc.array(body, { minLength: 20, maxLength: 40 }), async (texts) => {
          await Promise.all(
            texts.map(async (text, index) => {
              // As the bytes on the wire decode: half a surrogate pair cannot be among them.
              const received = /** @type {string & { toWellFormed(): string }} */ (text).toWellFormed();
              bodies.set(String(index), received);
              const call = endpoint.call(client, endpoint.params, { headers: { 'x-case': String(index) } });
              const { data, error } = await entries[0].outcomeOf(call);
              const expected = read(received, endpoint.name);
              if (expected) {
                assert.equal(error, null, received);
                assert.deepStrictEqual(data, expected.data);
              } else {
                assert.deepEqual(
                  [error?.name, error?.code, error?.status],
                  ['RefportError', 'INVALID_RESPONSE', 200],
                  received,
                );
                assert.equal(error.body, received.replace(/^\ufeff/, ''));
              }
            }),
          );
        }),
        { numRuns: 30 },
      );
    });
  }
});
