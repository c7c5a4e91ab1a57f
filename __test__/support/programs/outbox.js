'use strict';

// An outbox in a process of its own: records what it is told to, says so line by line, and then ends, exits, stays, or obeys
// what it reads.

const readline = require('node:readline');
const { Refport } = require('refport');
const { Outbox } = require('refport/outbox');
const { API_KEY } = require('../refport-client.js');

const { url, file, records = [], afterwards = 'end', options = {}, client = {} } = JSON.parse(process.argv[2]);

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
  const outbox = new Outbox(new Refport({ apiKey: API_KEY, baseUrl: url, ...client }), { path: file, ...options });
  for (const event of ['delivered', 'parked', 'paused']) {
    /** @type {any} */ (outbox).on(event, (/** @type {any} */ subject) =>
      process.stdout.write(`${event} ${subject.id ?? subject.error.code}\n`),
    );
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
