'use strict';

// An API for the crash test: counts like the real one (an invoice once, everything else as often as it is sent), and then
// answers, or doesn't.

const { once } = require('node:events');
const http = require('node:http');
const { answerTo } = require('./call-kinds.js');

/** What may happen to a request; those after `counted` were counted before. */
const ANSWERS = [
  'ok',
  'ok',
  'ok',
  'ok',
  'counted 500',
  'counted reset',
  'counted stall',
  '429',
  '503',
  'reset',
  'away',
];

/**
 * @typedef {{ metadata: { name: string, number: number }, invoiceId?: string, customerExternalId: string }} Conversion
 */

class CrashApi {
  /** How often each conversion was counted, by its name. @type {Map<string, number>} */
  counts = new Map();
  /** The order in which each customer's conversions were first counted. @type {Map<string, number[]>} */
  orders = new Map();
  isHealthy = false;

  #random;
  #server = http.createServer((request, response) => this.#read(request, response));
  #port = 0;
  #awayUntil = 0;

  /** @param {() => number} random from 0 to 1 */
  constructor(random) {
    this.#random = random;
    this.#server.on('connection', (socket) => {
      socket.on('error', () => {});
      if (!this.isHealthy && Date.now() < this.#awayUntil) socket.resetAndDestroy();
    });
  }

  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  #read(request, response) {
    let body = '';
    request.on('error', () => {});
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => this.#answer(JSON.parse(body), request, response));
  }

  /**
   * @param {Conversion} params
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  #answer(params, request, response) {
    const answer = this.isHealthy ? 'ok' : ANSWERS[Math.floor(this.#random() * ANSWERS.length)];
    // The circuit breaker asks whether the API is back with a request that creates nothing.
    const isProbe = request.url === '/api/embed/token';
    if (!isProbe && (answer === 'ok' || answer?.startsWith('counted'))) this.#count(params);
    const end = (/** @type {number} */ status, headers = {}, text = '{}') => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      response.end(text);
    };
    switch (answer) {
      case 'ok':
        if (isProbe) return end(422, {}, '{"error":{"code":"VALIDATION_ERROR","message":"No partner"}}');
        return end(200, {}, answerTo(request.url));
      case 'counted 500':
        return end(500);
      case '429':
        return end(429, { 'retry-after-ms': '20' });
      case '503':
        return end(503, { 'retry-after-ms': '20' });
      case 'counted stall':
        // Longer than the client waits.
        return;
      case 'away':
        this.#awayUntil = Date.now() + 30;
        return request.socket.resetAndDestroy();
      default:
        return request.socket.resetAndDestroy();
    }
  }

  /** @param {Conversion} params */
  #count({ metadata: { name, number }, invoiceId, customerExternalId }) {
    const known = this.counts.get(name) ?? 0;
    if (known > 0 && invoiceId !== undefined) return;
    this.counts.set(name, known + 1);
    const order = this.orders.get(customerExternalId) ?? [];
    this.orders.set(customerExternalId, [...order, number]);
  }
}

module.exports = { CrashApi };
