'use strict';

const { freePort, makeFolder, startServerProcess } = require('./server-process.js');

/** A Redis that has on disk what it has acknowledged. */
async function startRedis() {
  const folder = makeFolder('refport-redis-', {});
  const port = await freePort();
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', folder].map(
    String,
  );
  const command = 'redis-server';
  const ready = /Ready to accept connections/;
  const server = await startServerProcess({ command, args: [...args, '--appendfsync', 'always'], ready, folder });
  return { ...server, port, url: `redis://127.0.0.1:${port}` };
}

module.exports = { startRedis };
