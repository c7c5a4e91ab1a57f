'use strict';

const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const { daemon, run } = require('./processes.js');

/**
 * Starts a Redis server that keeps nothing.
 *
 * @param {string} folder it may write to
 * @returns {Promise<import('./processes.js').App & { redisUrl: string }>}
 */
async function startRedis(folder) {
  await ensureInstalled(folder);
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = await daemon('redis-server', args, folder, {}, /Ready to accept connections/);
  return { ...server, redisUrl: `redis://127.0.0.1:${port}` };
}

/** @param {string} folder */
async function ensureInstalled(folder) {
  if (isInstalled('redis-server', '--version')) return;
  if (process.getuid?.() === 0 && isInstalled('apt-get', '--version')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '--quiet'], folder, env);
    await run('apt-get', ['install', '--quiet', '--yes', '--no-install-recommends', 'redis-server'], folder, env);
    return;
  }
  throw new Error(
    'redis-server is needed and was not found. Install it with "sudo apt-get install redis-server" on Debian and ' +
      'Ubuntu, "brew install redis" on macOS, and run this again.',
  );
}

/**
 * @param {string} command
 * @param {string} arg
 */
const isInstalled = (command, arg) => spawnSync(command, [arg], { stdio: 'ignore' }).status === 0;

/** Redis takes port 0 for none, so that one has to be found for it. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

module.exports = { startRedis };
