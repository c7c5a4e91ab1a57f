'use strict';

// Records conversions until it is killed (or, with `count`, these many, and ends when all are delivered or parked). Every
// line of output is a conversion whose promise has been resolved.

const fs = require('node:fs');
const { Refport } = require('refport');
const { Outbox } = require('refport/outbox');
const { API_KEY } = require('../refport-client.js');

const { url, file, run, count = Number.POSITIVE_INFINITY } = JSON.parse(process.argv[2]);
const CUSTOMERS = 5;

async function main() {
  const refport = new Refport({ apiKey: API_KEY, baseUrl: url, timeout: 200 });
  const outbox = new Outbox(refport, { path: file });
  let number = 0;
  const record = async (/** @type {number} */ customer) => {
    while (number < count) {
      number += 1;
      const kind = ['lead', 'invoice', 'sale'][number % 3];
      const name = `${kind} ${run}.${number}`;
      /** @type {any} */
      const params = {
        clickId: 'click_1',
        customerExternalId: `user ${run}.${customer}`,
        metadata: { name, number },
        ...(kind === 'lead' ? { eventName: 'Sign up' } : { amount: 4900 }),
        ...(kind === 'invoice' && { invoiceId: name }),
      };
      await outbox.track[kind === 'lead' ? 'lead' : 'sale'](params, { id: name });
      // Not by process.stdout, which may keep it for later.
      fs.writeSync(1, `${name}\n`);
      // Others get their turn, and the file does not grow faster than it is delivered.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await Promise.all(Array.from({ length: CUSTOMERS }, (_, customer) => record(customer)));
  await outbox.drained();
  await outbox.close();
}

main();
