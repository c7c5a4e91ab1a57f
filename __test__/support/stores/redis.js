'use strict';

const { freePort, makeFolder, startServerProcess } = require('./server-process.js');

/**
 * A Redis with its log on disk.
 * @param {{ fsync?: 'always' | 'everysec' }} [options] `always`: what it has acknowledged is on the disk
 */
async function startRedis({ fsync = 'always' } = {}) {
  const folder = makeFolder('refport-redis-', {});
  const port = await freePort();
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', folder].map(
    String,
  );
  const command = 'redis-server';
  const ready = /Ready to accept connections/;
  const server = await startServerProcess({ command, args: [...args, '--appendfsync', fsync], ready, folder });
  return { ...server, port, url: `redis://127.0.0.1:${port}` };
}

module.exports = { startRedis };
