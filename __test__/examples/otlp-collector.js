'use strict';

const { once } = require('node:events');
const http = require('node:http');

/**
 * A span, as OTLP writes it in JSON, as far as it is looked at.
 * @typedef {object} Span
 * @property {string} traceId
 * @property {string} spanId
 * @property {string} [parentSpanId]
 * @property {string} name
 * @property {number} kind
 * @property {Array<{ key: string, value: Record<string, unknown> }>} attributes
 */

/**
 * Receives traces over OTLP/HTTP.
 *
 * @returns {Promise<{ url: string, text: () => string, spans: () => Span[], close: () => void }>}
 */
async function startCollector() {
  /** @type {string[]} */
  const bodies = [];
  const server = http.createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks).toString());
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    text: () => bodies.join('\n'),
    spans: () =>
      bodies
        .flatMap((body) => JSON.parse(body).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans),
    close: () => server.close(),
  };
}

module.exports = { startCollector };
