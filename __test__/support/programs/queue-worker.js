'use strict';

// A process that delivers the entries of a shared outbox until it is killed, or told to close. Its argument: JSON with the
// store's name, the outbox's options, the API's address.

const { clientFor } = require('../refport-client.js');
const { stores } = require('../stores/stores.js');

const { store, options, url } = JSON.parse(String(process.argv[2]));
const kind = /** @type {typeof stores[number]} */ (stores.find(({ name }) => name === store));
const outbox = kind.open(clientFor({ url }, { timeout: 1000 }), { concurrency: 4, ...options, role: 'worker' });
process.once('SIGTERM', () => outbox.close({ timeout: 500 }));
process.stdout.write('ready\n');
