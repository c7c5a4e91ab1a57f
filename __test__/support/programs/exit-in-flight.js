'use strict';

// Leaves the process, one way or another, while hundreds of calls are on the wire.

const { callKinds } = require('../call-kinds.js');
const { clientFor } = require('../refport-client.js');

/** @type {{ urls: string[], calls: number, how: string, options?: object }} */
const { urls, calls, how, options = {} } = JSON.parse(process.argv[2]);

/** @type {Record<string, (first: Promise<unknown>) => void | Promise<void>>} */
const endings = {
  'process.exit': () => process.exit(7),
  'process.exit in a result': async (first) => {
    await first;
    process.exit(7);
  },
  'process.exit in an exit handler': () => {
    process.on('exit', () => process.exit(7));
    process.exit(7);
  },
  'uncaught throw': () => {
    throw new Error('thrown on purpose');
  },
  'throw in a result': async (first) => {
    await first;
    setImmediate(() => {
      throw new Error('thrown on purpose');
    });
  },
  'unhandled rejection': () => {
    Promise.reject(new Error('thrown on purpose'));
  },
  'call in an exit handler': () => {
    process.on('exit', () => callKinds[0].send(clientFor({ url: urls[0] }, options)).catch(() => {}));
    process.exit(7);
  },
  SIGTERM: () => {
    process.kill(process.pid, 'SIGTERM');
  },
  // Nothing is awaited and nothing else keeps the process: it ends once every call has settled.
  'nothing more to do': () => {},
};

const clients = urls.map((url) => clientFor({ url }, options));
let settled = 0;
const all = Array.from({ length: calls }, (_, index) =>
  callKinds[index % callKinds.length]
    .send(clients[index % clients.length])
    .catch(() => {})
    .finally(() => {
      settled += 1;
      if (settled === calls) console.log('all settled');
    }),
);
setTimeout(() => endings[how](Promise.race(all)), 300);
