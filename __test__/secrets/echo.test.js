'use strict';

// A server, or a gateway before it, that quotes the request's key does not get it into an error.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { inspect } = require('node:util');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { startRecordingServer } = require('../support/recording-server.js');

/** Keys are letters, digits and `_` in practice; the other one has what formats escape and patterns give a meaning. */
const KEYS = { 'a usual key': 'rk_live_s3cret', 'a key of all kinds of characters': 'rk_"\\$&./*+?^(<s3cret>)' };

/** @type {Record<string, (authorization: string) => import('../support/recording-server.js').Answer>} */
const echoes = {
  'in its message': (quote) => ({
    status: 401,
    body: JSON.stringify({ error: { message: `Not a key: ${quote}, "${quote}"` } }),
  }),
  'in its code': (quote) => ({ status: 400, body: JSON.stringify({ error: { code: quote } }) }),
  'in JSON with escaped slashes': (quote) => ({
    status: 400,
    body: JSON.stringify({ error: { message: quote } }).replaceAll('/', '\\/'),
  }),
  'in an URL': (quote) => ({ status: 404, body: `/?${new URLSearchParams({ quote })}` }),
  'escaped on a page': (quote) => ({
    status: 502,
    body: quote.replace(/[<>"&]/g, (character) => `&${{ '<': 'lt', '>': 'gt', '"': 'quot', '&': 'amp' }[character]};`),
  }),
  'where an error ends': (quote) => ({ status: 500, body: `${'.'.repeat(16 * 1024 - quote.length + 5)}${quote}` }),
  'on a page': (quote) => ({ status: 502, body: `<pre>Authorization: ${quote}</pre>` }),
  'in a header': (quote) => ({
    status: 500,
    headers: { 'X-Request-Id': quote, 'X-Debug': `got ${quote} and ${quote}` },
  }),
  'in the place of a redirect': (quote) => ({ status: 302, headers: { Location: `https://elsewhere.test/?${quote}` } }),
  'in a success that is none': (quote) => ({ body: `[${quote}]` }),
};

describe('a key that comes back', () => {
  /** @type {(authorization: string) => import('../support/recording-server.js').Answer} */
  let echo;
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(({ headers }) => echo(String(headers.authorization)));
  });
  after(() => server.close());

  for (const entry of entries) {
    for (const [kind, apiKey] of Object.entries(KEYS)) {
      for (const [where, answer] of Object.entries(echoes)) {
        it(`${entry.name}: ${kind} ${where} is not in the error`, async () => {
          echo = answer;
          const client = clientOf(entry, server, { apiKey, maxRetries: 0 });
          for (const endpoint of endpoints) {
            const { error } = await entry.outcomeOf(endpoint.call(client, endpoint.params));
            // As it is and as it would be shown, within quotes.
            for (const shown of [
              inspect(error, { depth: null, showHidden: true }),
              JSON.stringify(error),
              error.message,
              error.body ?? '',
            ]) {
              // Nothing of it, as whatever is left could be put together with the rest.
              for (const part of ['s3cret', 'rk_']) assert.ok(!shown.includes(part), shown);
            }
          }
        });
      }
    }
  }

  it('loses the name of a header that is like it', async () => {
    echo = () => ({ status: 500, headers: { 'X-rk_named_s3cret': '1', 'X-Other': '2' } });
    const client = clientOf(entries[0], server, { apiKey: 'rk_Named_s3cret', maxRetries: 0 });
    const { error } = await entries[0].outcomeOf(endpoints[0].call(client, endpoints[0].params));
    assert.equal(error.headers['x-other'], '2');
    assert.ok(!JSON.stringify(error.headers).includes('s3cret'), JSON.stringify(error.headers));
  });

  it('leaves the rest of what was said, and other texts alone', async () => {
    echo = (quote) => ({
      status: 401,
      body: JSON.stringify({ error: { code: 'KEY', message: `before ${quote} after` } }),
    });
    const { error } = await entries[0].outcomeOf(
      endpoints[0].call(clientOf(entries[0], server, { apiKey: KEYS['a usual key'] }), endpoints[0].params),
    );
    assert.match(error.message, /^before Bearer .+ after$/);
    assert.equal(error.code, 'KEY');
  });
});
