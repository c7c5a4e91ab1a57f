'use strict';

// Every row of the error table, at every endpoint, from either entry: class, status, code and message.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');
const { assertError } = require('../support/refport-client.js');

/**
 * Class and default code of a status; all others are RefportError, UNKNOWN.
 * @type {Record<number, [name: string, code: string]>}
 */
const classes = {
  400: ['RefportValidationError', 'VALIDATION_ERROR'],
  401: ['RefportAuthError', 'UNAUTHORIZED'],
  404: ['RefportNotFoundError', 'NOT_FOUND'],
  422: ['RefportValidationError', 'VALIDATION_ERROR'],
  429: ['RefportRateLimitError', 'RATE_LIMITED'],
};
/** Those that stand for themselves meet every sort of body, the others a few. */
const statuses = [...Object.keys(classes).map(Number), 403, 500];
const others = [300, 304, 402, 405, 409, 410, 413, 418, 451, 501, 502, 503, 504, 599, 999];

/**
 * What the API documents, with the codes it sends.
 * @type {[status: number, code: string, message: string, endpoints: string[]][]}
 */
const documented = [
  [400, 'INVALID_CLICK_ID', 'No click with this ID', ['track.lead', 'track.sale']],
  [400, 'VALIDATION_ERROR', 'customerEmail must be an e-mail address', ['track.lead', 'track.sale']],
  [401, 'UNAUTHORIZED', 'Invalid API key', ['track.lead', 'track.sale', 'embedTokens.create']],
  [404, 'NOT_FOUND', 'No active program', ['embedTokens.create']],
  [422, 'VALIDATION_ERROR', 'partner.email must be an e-mail address', ['embedTokens.create']],
  [429, 'RATE_LIMIT_EXCEEDED', 'Too many requests', ['track.lead', 'track.sale', 'embedTokens.create']],
];

const json = (/** @type {unknown} */ value) => JSON.stringify(value);

/**
 * Bodies, and what of them the error must have; null where the default counts.
 * @type {[name: string, body: string, code: string | null, message: string | null][]}
 */
const bodies = [
  ['code and message', json({ error: { code: 'OWN_CODE', message: 'Own message' } }), 'OWN_CODE', 'Own message'],
  [
    'fields nobody knows around them',
    json({ id: 1, error: { details: [{}], code: 'A', message: 'b', status: 7 }, ok: false }),
    'A',
    'b',
  ],
  ['a code alone', json({ error: { code: 'OWN_CODE' } }), 'OWN_CODE', null],
  ['a message alone', json({ error: { message: 'Own message' } }), null, 'Own message'],
  ['neither', json({ error: {} }), null, null],
  ['an empty code and message', json({ error: { code: '', message: '' } }), null, null],
  ['a code that is a number', json({ error: { code: 42, message: 'm' } }), null, 'm'],
  ['a message that is an object', json({ error: { code: 'C', message: { text: 'm' } } }), 'C', null],
  ['nulls', json({ error: { code: null, message: null } }), null, null],
  ['arrays for code and message', json({ error: { code: ['C'], message: ['m'] } }), null, null],
  ['an error that is a string', json({ error: 'Nothing here' }), null, null],
  ['an error that is null', json({ error: null }), null, null],
  ['an error that is an array', json({ error: ['CODE', 'message'] }), null, null],
  ['an array', json([{ code: 'CODE', message: 'message' }]), null, null],
  ['code and message at the top', json({ code: 'CODE', message: 'message' }), null, null],
  ['a string', json('Nothing here'), null, null],
  ['a number', '500', null, null],
  ['null', 'null', null, null],
  ['an empty object', '{}', null, null],
  ['nothing', '', null, null],
  ['space', ' \n', null, null],
  ['a page of HTML', '<!doctype html><title>Bad gateway</title>', null, null],
  ['JSON cut short', '{"error":{"code":"OWN_CODE","message":"Own mess', null, null],
  ['JSON and more', '{"error":{"code":"OWN_CODE"}} trailing', null, null],
  ['a byte order mark', `\ufeff${json({ error: { code: 'C', message: 'm' } })}`, 'C', 'm'],
  ['a message in many scripts', json({ error: { code: 'Ü', message: 'é\n"\\\u2028😀\0' } }), 'Ü', 'é\n"\\\u2028😀\0'],
  ['escapes', '{"\\u0065rror":{"c\\u006fde":"\\u0043","message":"\\ud83d\\uDE00"}}', 'C', '😀'],
  ['names given twice', '{"error":1,"error":{"code":"A","code":"B","message":1,"message":"m"}}', 'B', 'm'],
  ['names that Rust cannot hold', '{"\\ud800":1,"error":{"\\uDFFF":1,"code":"C","message":"m"}}', 'C', 'm'],
  ['a message nested deep', `{"error":{"code":"C","message":${'['.repeat(5000)}${']'.repeat(5000)}}}`, 'C', null],
  ['a long message', json({ error: { code: 'C', message: 'long '.repeat(10_000) } }), 'C', 'long '.repeat(10_000)],
];

describe('errors by status', () => {
  /** @type {import('../support/recording-server.js').Answer[]} */
  const answers = [];
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(({ headers }) => answers[Number(headers['x-answer'])]);
  });
  after(() => server.close());

  for (const entry of entries) {
    /**
     * @param {import('../support/endpoints.js').Endpoint} endpoint
     * @param {import('../support/recording-server.js').Answer} answer
     */
    const fail = async (endpoint, answer) => {
      const headers = { 'X-Answer': String(answers.push(answer) - 1) };
      const client = clientOf(entry, server, { maxRetries: 0, headers });
      const { data, error } = await entry.outcomeOf(endpoint.call(client, endpoint.params));
      assert.equal(data, null);
      assert.equal(error.attempts, 1);
      assert.equal(error.constructor, entry.sdk[error.name]);
      return error;
    };

    for (const [status, code, message, names] of documented) {
      for (const name of names) {
        it(`${entry.name}, ${name}: ${status} ${code}`, async () => {
          const endpoint = endpoints.find((one) => one.name === name) ?? assert.fail(name);
          const error = await fail(endpoint, { status, body: json({ error: { code, message } }) });
          assertError(error, { name: classes[status][0], status, code, message });
        });
      }
    }

    for (const endpoint of endpoints) {
      for (const status of [...statuses, ...others]) {
        const tried = statuses.includes(status) ? bodies : bodies.slice(0, 4);
        it(`${entry.name}, ${endpoint.name}: ${status} with ${tried.length} sorts of body`, async () => {
          const [name, defaultCode] = classes[status] ?? ['RefportError', 'UNKNOWN'];
          const seen = await Promise.all(
            tried.map(async ([what, body]) => {
              const error = await fail(endpoint, { status, body });
              return { what, name: error.name, status: error.status, code: error.code, message: error.message };
            }),
          );
          const expected = tried.map(([what, , code, message]) => {
            // A 304 has no body, whatever its server thinks.
            const [ownCode, ownMessage] = status === 304 ? [null, null] : [code, message];
            return { what, name, status, code: ownCode ?? defaultCode, message: ownMessage ?? 'Unknown error' };
          });
          assert.deepEqual(seen, expected);
        });
      }
    }

    it(`${entry.name}: half of a surrogate pair in a message or code`, async () => {
      const error = await fail(endpoints[0], {
        status: 400,
        body: '{"error":{"code":"C\\ud800","message":"a\\udfffb"}}',
      });
      assert.match(error.code, /^C(\ud800|\ufffd+)$/);
      assert.match(error.message, /^a(\udfff|\ufffd+)b$/);
    });
  }
});
