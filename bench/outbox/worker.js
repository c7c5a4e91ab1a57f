'use strict';

// A process that delivers from a store, or sends the same sales without one. Its argument: JSON with the kind of store, its
// options, the API's address and `concurrency`. Prints `ready`, and ends with its standard input.

const { built } = require('../built.js');
const { sale } = require('./sales.js');
/** @type {typeof import('refport')} */
const { Refport } = built();

const { kind, options, baseUrl, concurrency, entries } = JSON.parse(String(process.argv[2]));
const refport = new Refport({ apiKey: 'rk_bench', baseUrl });

/** @type {Record<string, () => import('refport/outbox').ConversionOutbox>} */
const OUTBOXES = {
  Outbox: () => new (built('outbox').Outbox)(refport, { ...options, concurrency, maxEntries: 10_000_000 }),
  BullOutbox: () => new (built('bullmq').BullOutbox)(refport, { ...options, concurrency, role: 'worker' }),
  PgOutbox: () => new (built('pg-boss').PgOutbox)(refport, { ...options, concurrency, role: 'worker' }),
};

async function sendDirectly() {
  let next = 0;
  const sender = async () => {
    while (next < entries) await refport.track.sale(sale(next++), { maxRetries: 0 });
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
}

const outbox = OUTBOXES[kind]?.();
if (!outbox) sendDirectly();
// The embedded outbox alone keeps no process alive.
process.stdin.on('end', () => process.exit()).resume();
process.stdout.write('ready\n');
