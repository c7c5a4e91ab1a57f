'use strict';

// Both engines side by side, at the seam (lib/engine/engine.d.ts): what one makes of a configuration, a call and an answer,
// the other has to make of it too.

const { once } = require('node:events');
const http = require('node:http');
const { loadSource } = require('./source.js');
const { fetchEngine } = loadSource('lib/engine/fetch/index.js');
const { loadNative } = loadSource('lib/engine/native.js');

const API_KEY = 'rk_test_"quoted"_\\key';

/** @param {Partial<import('../../lib/engine/engine').Settings>} [changes] */
const settingsWith = (changes) => ({
  apiKey: API_KEY,
  baseUrl: 'http://127.0.0.1:9',
  runtime: 'test',
  timeout: 30_000,
  maxRetries: 0,
  maxConnections: 8,
  headers: undefined,
  proxy: undefined,
  ca: undefined,
  ...changes,
});

/**
 * One engine, one call at a time.
 * @param {import('../../lib/engine/engine').Engine} engine
 */
function single(engine) {
  /** @type {(results: any[]) => void} */
  let settle = () => {};
  const bridge = engine.open((text) => settle(JSON.parse(text)));
  return {
    /**
     * @param {Partial<import('../../lib/engine/engine').Settings>} changes
     * @returns {object | string} the client, or why there is none
     */
    create(changes) {
      try {
        return engine.createClient(settingsWith(changes));
      } catch (error) {
        const { code, message } = /** @type {Error & { code: string }} */ (error);
        return `${code}: ${withoutDetails(message)}`;
      }
    },
    /**
     * @param {any} client
     * @param {number} operation
     * @param {string} params
     * @param {object} [options]
     */
    async call(client, operation, params, options) {
      const results = new Promise((resolve) => {
        settle = resolve;
      });
      bridge.submit(client, `0\t${operation}\t${options ? JSON.stringify(options) : ''}\t${params}\n`, 1);
      const [, kind, status, attempts, payload] = await results;
      return kind === 1 ? { status, attempts, data: payload } : { status, attempts, ...comparable(payload) };
    },
  };
}

/** Without what each engine's own libraries say in their own words. */
function comparable({ ambiguous = false, retryable = false, ...report }) {
  report.message = withoutDetails(report.message);
  if (report.cause) report.cause.message = withoutDetails(report.cause.message);
  // Another second may have begun.
  if (report.headers) delete report.headers.date;
  return { ambiguous, retryable, ...report };
}

/** @param {string} text */
const withoutDetails = (text) =>
  text
    .replace(/ \(.* at line \d+ column \d+\)|: .* at line \d+ column \d+$/, '')
    .replace(/^(baseUrl is not a URL) \([^)]*\)/, '$1');

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

const engines = () => ({ native: single(loadNative()), fetch: single(fetchEngine) });

module.exports = { API_KEY, engines, startAnsweringServer };
