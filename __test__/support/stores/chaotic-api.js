'use strict';

const { once } = require('node:events');
const http = require('node:http');
const { answerTo } = require('../call-kinds.js');

/** What may happen to a request, with its weight, and whether the API has counted it then. */
const ANSWERS = /** @type {const} */ ([
  ['answer', 60, true],
  ['fail after counting', 6, true],
  ['fail', 4, false],
  ['reset after counting', 6, true],
  ['reset', 4, false],
  ['stall after counting', 2, true],
  ['rate limit', 8, false],
  ['unavailable', 8, false],
]);
const WEIGHTS = ANSWERS.reduce((sum, [, weight]) => sum + weight, 0);

/**
 * @param {number} chance from 0 to 1
 * @returns {(typeof ANSWERS)[number]}
 */
function answerOf(chance) {
  let rest = chance * WEIGHTS;
  const answer = ANSWERS.find(([, weight]) => {
    rest -= weight;
    return rest < 0;
  });
  return answer ?? ANSWERS[0];
}

/**
 * An API that counts every conversion as the real one does, sales with an invoice once, and treats a part of the requests
 * badly.
 * @param {() => number} random
 */
async function startChaoticApi(random) {
  /** How often each conversion was counted, by `metadata.id`. @type {Map<string, number>} */
  const counted = new Map();
  const api = { isWell: false };
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { invoiceId, metadata = {} } = JSON.parse(body);
    const [answer, , counts] = api.isWell ? ANSWERS[0] : answerOf(random());
    if (counts && !(invoiceId && counted.has(metadata.id)))
      counted.set(metadata.id, (counted.get(metadata.id) ?? 0) + 1);
    if (answer.startsWith('reset')) return void request.socket.destroy();
    if (answer.startsWith('stall')) return;
    /** @type {Partial<Record<typeof answer, number>>} */
    const statuses = { fail: 500, 'fail after counting': 500, 'rate limit': 429, unavailable: 503 };
    const status = statuses[answer] ?? 200;
    const headers = status === 429 || status === 503 ? { 'Retry-After': '0' } : {};
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(status === 200 ? answerTo(request.url) : '{"error":{"code":"CODE","message":"no"}}');
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(api, {
    counted,
    url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

module.exports = { startChaoticApi };
