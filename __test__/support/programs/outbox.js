'use strict';

// An outbox in a process of its own: records what it is told to, says so line by line, and then ends, exits, stays, or obeys
// what it reads.

const readline = require('node:readline');
const { Refport } = require('refport');
const { API_KEY } = require('../refport-client.js');

const {
  url,
  store = 'Outbox',
  file,
  records = [],
  afterwards = 'end',
  options = {},
  client = {},
  listeners = 'listen',
} = JSON.parse(process.argv[2]);

/** @type {Record<string, () => any>} */
const entries = {
  Outbox: () => require('refport/outbox'),
  BullOutbox: () => require('refport/outbox/bullmq'),
  PgOutbox: () => require('refport/outbox/pg-boss'),
};

/** What a listener does besides listening. @type {Record<string, (event: string) => void>} */
const behaviours = {
  listen: () => {},
  throw: (event) => {
    throw new Error(event);
  },
  reject: async (event) => {
    throw new Error(event);
  },
};

/**
 * Commands are JSON arrays, one a line, of a method and its arguments, and are carried out side by side.
 * @param {any} outbox
 */
async function obey(outbox) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [method, ...given] = JSON.parse(line);
    const target = method in outbox.track ? outbox.track : outbox;
    target[method](...given).then(
      (/** @type {unknown} */ result) => process.stdout.write(`${method} ${JSON.stringify(result)}\n`),
      (/** @type {any} */ error) => process.stdout.write(`${method} failed ${error.code} ${error.cause?.code}\n`),
    );
  }
  await outbox.close();
}

async function main() {
  const Outbox = entries[store]()[store];
  const place = file === undefined ? {} : { path: file };
  const outbox = new Outbox(new Refport({ apiKey: API_KEY, baseUrl: url, ...client }), { ...place, ...options });
  for (const event of ['delivered', 'parked', 'paused', 'resumed']) {
    outbox.on(event, (/** @type {any} */ subject) => {
      process.stdout.write(`${event} ${subject?.id ?? subject?.error.code}\n`);
      return behaviours[listeners](event);
    });
  }
  if (listeners !== 'listen') {
    process.on('uncaughtException', (error, origin) => process.stdout.write(`${origin}: ${error.message}\n`));
  }
  for (const [call, params, given] of records) {
    const { id } = await outbox.track[/** @type {'lead' | 'sale'} */ (call)](params, given);
    process.stdout.write(`recorded ${id}\n`);
  }
  if (afterwards === 'exit') process.exit();
  if (afterwards === 'drain') await outbox.drained();
  if (afterwards === 'close') await outbox.close();
  if (afterwards === 'obey') await obey(outbox);
  if (afterwards === 'stay') setInterval(() => {}, 60_000);
}

main();
