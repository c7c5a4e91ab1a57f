'use strict';

const { once } = require('node:events');
const { createServer } = require('node:http');
const { Refport } = require('refport');
const { createSandbox } = require('refport/testing');
const { createShop } = require('./shop.js');

/** Starts the shop and a sandbox for it, each on a free port. */
async function start() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const shopUrl = `http://127.0.0.1:${port}`;
  const sandbox = await createSandbox({ appUrl: shopUrl });
  const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
  server.on('request', createShop(refport, sandbox.url));
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await sandbox.close();
  };
  return { sandbox, refport, shopUrl, stop };
}

exports.start = start;
