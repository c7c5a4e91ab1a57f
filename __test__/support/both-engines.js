'use strict';

// Both engines side by side, at the seam (lib/engine/engine.ts): what one makes of a call and an answer, the other has to
// make of it too.

const { once } = require('node:events');
const http = require('node:http');
const { loadSource } = require('./source.js');

const { fetchEngine } = loadSource('lib/engine/fetch/fetch-engine.ts');
const { loadNativeEngine } = loadSource('lib/engine/native/native-engine.ts');

const API_KEY = 'rk_test_"quoted"_\\key/&~';

/**
 * One engine with a client for a server.
 * @param {any} engine
 * @param {string} baseUrl
 */
function caller(engine, baseUrl) {
  const client = engine.createClient({
    apiKey: API_KEY,
    baseUrl,
    runtime: 'test',
    timeout: 30_000,
    maxRetries: 0,
    maxConnections: 8,
    http2: undefined,
    headers: undefined,
    proxy: undefined,
    ca: undefined,
  });
  /**
   * @param {number} operation
   * @param {string} params
   * @param {boolean} isIdempotent
   * @returns {Promise<any>}
   */
  return async (operation, params, isIdempotent) => {
    let settled = {};
    const onSettled = (/** @type {number} */ status, /** @type {number} */ attempts) => {
      settled = { status, attempts };
    };
    const call = { operation, params, isIdempotent, options: undefined, signal: undefined, onSettled };
    const outcome = await client.perform(call).then((/** @type {unknown} */ data) => ({ data }), comparable);
    return { ...settled, ...outcome };
  };
}

/** An error without what each engine's own libraries say in their own words. @param {any} error */
function comparable(error) {
  const { cause, headers, ...told } = error.toJSON();
  told.message = withoutDetails(told.message);
  // Another second may have begun.
  if (headers) delete headers.date;
  return { error: { ...told, headers, cause: error.cause && [withoutDetails(error.cause.message), error.cause.code] } };
}

/** @param {string} text */
const withoutDetails = (text) => text.replace(/ \(.* at line \d+ column \d+\)|: .* at line \d+ column \d+$/, '');

/**
 * A server that gives every request the same answer, which can be changed.
 * @returns {Promise<{ url: string, answer: { status: number, headers: Record<string, string>, body: Buffer }, close(): void }>}
 */
async function startAnsweringServer() {
  const server = http.createServer((request, response) => {
    const { status, headers, body } = running.answer;
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const running = {
    url: `http://127.0.0.1:${port}`,
    answer: { status: 200, headers: {}, body: Buffer.alloc(0) },
    close: () => void server.close().closeAllConnections(),
  };
  return running;
}

/** @param {string} baseUrl */
const bothEngines = (baseUrl) => ({
  native: caller(loadNativeEngine(), baseUrl),
  fetch: caller(fetchEngine, baseUrl),
});

module.exports = { API_KEY, bothEngines, startAnsweringServer };
