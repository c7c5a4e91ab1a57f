'use strict';

/**
 * The clients that are compared. Each module has `load()`, which requires the package and nothing else (cold start
 * times it), and `connect(package, target)`, which gives a function that makes one call.
 *
 * @typedef {{ baseUrl: string, ca?: string }} Target where to call; `ca` is PEM text
 * @typedef {(params: object) => Promise<any>} Call
 * @typedef {(loaded: any, target: Target) => Call} Connect
 * @typedef {{ load: () => any, connect: Connect }} Client
 */

/** How each is called in tables and charts, in the order of the tables. */
const LABELS = /** @type {const} */ ({
  refport: 'refport',
  fetch: 'fetch + JSON',
  'refport-fetch': 'refport, engine fetch',
  undici: 'undici.request, 64 connections',
  'undici-h2': 'undici.request, h2',
  http: 'node:http(s) agent, 64 sockets',
  impit: 'impit',
  limit: 'limit: reqwest in Rust, no JS',
  floor: 'floor: JSON + promise, no I/O',
  bare: 'bare node',
});

/** @typedef {keyof typeof LABELS} Name */

/**
 * @param {string} name
 * @returns {Client}
 */
function client(name) {
  return require(`./${name}.js`);
}

module.exports = { LABELS, client };
