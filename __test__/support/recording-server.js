'use strict';

// An API that keeps every request to the byte and answers what the test says, over Node's own HTTP server.

const { once } = require('node:events');
const http = require('node:http');
const { answerTo } = require('./call-kinds.js');

/**
 * @typedef {object} RecordedRequest
 * @property {string} method
 * @property {string} path as it stood in the request line
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string[]} rawHeaders
 * @property {Buffer} body
 *
 * @typedef {object} Answer
 * @property {number} [status] 200 by default
 * @property {import('node:http').OutgoingHttpHeaders} [headers]
 * @property {string | Buffer} [body]
 */

/** @param {RecordedRequest} request */
const healthy = ({ path }) => ({ body: answerTo(path) });

/**
 * @param {(request: RecordedRequest) => Answer | Promise<Answer>} [answer]
 */
async function startRecordingServer(answer = healthy) {
  /** @type {RecordedRequest[]} */
  const requests = [];
  const seen = { connections: 0 };
  const server = http.createServer((request, response) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const { method = '', url: path = '', headers, rawHeaders } = request;
      const recorded = { method, path, headers, rawHeaders, body: Buffer.concat(chunks) };
      requests.push(recorded);
      const { status = 200, headers: answerHeaders, body = '' } = await answer(recorded);
      response.writeHead(status, { 'Content-Type': 'application/json', ...answerHeaders });
      response.end(body);
    });
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`,
    requests,
    /** How many connections were ever opened: none means that nothing at all was sent. */
    get connections() {
      return seen.connections;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

module.exports = { startRecordingServer };
