'use strict';

/** What is measured, in the order of the run. */

/** @typedef {import('./clients/index.js').Name} Name */

/**
 * @typedef {object} Scenario
 * @property {string} id
 * @property {string} title
 * @property {'sustained' | 'burst' | 'cold-start'} kind which worker runs it
 * @property {'plain' | 'tls'} scheme
 * @property {string} [path] put before every path: the server's delay
 * @property {number} [concurrency]
 * @property {number} [limitClients] over how many reqwest clients the limit spreads its calls; 1 unless given
 * @property {Name[]} clients
 */

/** @type {Name[]} */
const HTTP1_CLIENTS = ['refport', 'fetch', 'refport-fetch', 'undici', 'http', 'impit'];
/** @type {Name[]} */
const TLS_CLIENTS = ['refport', 'fetch', 'refport-fetch', 'undici', 'undici-h2', 'http', 'impit'];
const DELAY = '/delay20';

/** @type {Scenario[]} */
const SCENARIOS = [
  {
    id: 'plain-64',
    title: '64 concurrent calls, plain HTTP',
    kind: 'sustained',
    scheme: 'plain',
    concurrency: 64,
    clients: [...HTTP1_CLIENTS, 'limit', 'floor', 'bare'],
  },
  {
    id: 'tls-64',
    title: '64 concurrent calls, TLS',
    kind: 'sustained',
    scheme: 'tls',
    concurrency: 64,
    clients: [...TLS_CLIENTS, 'limit'],
  },
  {
    id: 'plain-1',
    title: 'one call after the other, plain HTTP',
    kind: 'sustained',
    scheme: 'plain',
    concurrency: 1,
    clients: [...HTTP1_CLIENTS, 'limit'],
  },
  {
    id: 'tls-1',
    title: 'one call after the other, TLS',
    kind: 'sustained',
    scheme: 'tls',
    concurrency: 1,
    clients: [...TLS_CLIENTS, 'limit'],
  },
  {
    id: 'plain-1000',
    title: '1 000 concurrent calls, 20 ms server time, plain HTTP',
    kind: 'sustained',
    scheme: 'plain',
    path: DELAY,
    concurrency: 1000,
    clients: [...HTTP1_CLIENTS, 'limit'],
  },
  {
    id: 'tls-1000',
    title: '1 000 concurrent calls, 20 ms server time, TLS',
    kind: 'sustained',
    scheme: 'tls',
    path: DELAY,
    concurrency: 1000,
    // A single HTTP/2 connection would be held up by the server's cap on streams.
    limitClients: 8,
    clients: [...TLS_CLIENTS, 'limit'],
  },
  {
    id: 'burst-tls',
    title: 'cold burst of 1 000 calls, 20 ms server time, TLS',
    kind: 'burst',
    scheme: 'tls',
    path: DELAY,
    concurrency: 1000,
    clients: [...TLS_CLIENTS, 'limit'],
  },
  {
    id: 'cold-plain',
    title: 'first call of a fresh process, plain HTTP',
    kind: 'cold-start',
    scheme: 'plain',
    clients: ['bare', ...HTTP1_CLIENTS],
  },
  {
    id: 'cold-tls',
    title: 'first call of a fresh process, TLS',
    kind: 'cold-start',
    scheme: 'tls',
    clients: ['bare', ...TLS_CLIENTS],
  },
];

/**
 * @typedef {object} Effort
 * @property {number} rounds
 * @property {number} coldRounds
 * @property {number} warmMs
 * @property {number} measureMs
 * @property {number} quietTries how often a sequential run is tried until the machine is not busy; 0 takes it as it is
 */

/** @type {Effort} about eleven minutes */
const FULL = { rounds: 5, coldRounds: 15, warmMs: 800, measureMs: 900, quietTries: 20 };
/** @type {Effort} under two minutes: shows that everything runs, and roughly where the figures lie */
const QUICK = { rounds: 1, coldRounds: 3, warmMs: 300, measureMs: 300, quietTries: 0 };

module.exports = { SCENARIOS, FULL, QUICK };
