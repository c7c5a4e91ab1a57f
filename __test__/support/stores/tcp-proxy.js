'use strict';

const { once } = require('node:events');
const net = require('node:net');

/**
 * A wire between a program and its store that can be cut: while it is, connections stay open and nothing passes, as when
 * a switch fails.
 * @param {number} port of the store
 */
async function startTcpProxy(port) {
  /** @type {Set<net.Socket>} */
  const sockets = new Set();
  let isCut = false;
  const server = net.createServer((client) => {
    const store = net.connect(port, '127.0.0.1');
    for (const [from, to] of /** @type {const} */ ([
      [client, store],
      [store, client],
    ])) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (chunk) => {
        if (!isCut) to.write(chunk);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: /** @type {net.AddressInfo} */ (server.address()).port,
    /** What is written from now on is lost. */
    cut() {
      isCut = true;
    },
    /** Ends the connections that have lost something, and lets new ones pass. */
    mend() {
      isCut = false;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

module.exports = { startTcpProxy };
