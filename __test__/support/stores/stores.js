'use strict';

const { BullOutbox } = require('refport/outbox/bullmq');
const { PgOutbox } = require('refport/outbox/pg-boss');
const { startPostgres } = require('./postgres.js');
const { startRedis } = require('./redis.js');

/**
 * @typedef {object} StoreServer a store that runs
 * @property {number} port
 * @property {string} url
 * @property {(signal: NodeJS.Signals) => Promise<void>} restart
 * @property {() => Promise<void>} stop
 *
 * @typedef {object} StoreKind
 * @property {string} name
 * @property {() => Promise<StoreServer>} start
 * @property {(url: string, area: string) => object} optionsFor what an outbox needs to keep its entries in an area of the
 * store; equal areas are shared
 * @property {(url: string, area: string) => string[]} argsFor the same for `npx refport outbox`
 * @property {(refport: any, options: any) => any} open
 */

/** @type {StoreKind[]} */
const stores = [
  {
    name: 'BullOutbox',
    start: startRedis,
    optionsFor: (url, area) => ({ connection: { url }, prefix: area }),
    argsFor: (url, area) => ['--redis', url, '--prefix', area],
    open: (refport, options) => new BullOutbox(refport, options),
  },
  {
    name: 'PgOutbox',
    start: startPostgres,
    optionsFor: (url, area) => ({ connectionString: url, schema: area }),
    argsFor: (url, area) => ['--postgres', url, '--schema', area],
    open: (refport, options) => new PgOutbox(refport, options),
  },
];

module.exports = { stores };
