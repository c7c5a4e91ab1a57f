'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { freePort, makeFolder, startServerProcess } = require('./server-process.js');

/** Debian keeps the server's programs out of the path. */
const DEBIAN = '/usr/lib/postgresql';

/** The newest version that is installed. */
function programs() {
  if (!fs.existsSync(DEBIAN)) return '';
  const [newest] = fs.readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  return path.join(DEBIAN, String(newest), 'bin');
}

/** Postgres refuses to run as root; its package makes a user. */
function owner() {
  if (process.getuid?.() !== 0) return {};
  const id = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** @param {Record<string, string>} [settings] of the server */
async function startPostgres(settings = {}) {
  const user = owner();
  const folder = makeFolder('refport-postgres-', user);
  const init = spawnSync(
    path.join(programs(), 'initdb'),
    ['--pgdata', folder, '--auth', 'trust', '--username', 'refport', '--encoding', 'UTF8', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (init.status !== 0) throw new Error(`initdb failed: ${init.error?.message ?? init.stderr}`);
  const port = await freePort();
  const args = [
    '-D',
    folder,
    '-p',
    String(port),
    '-k',
    '',
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'max_connections=200',
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const ready = /ready to accept connections/;
  const command = path.join(programs(), 'postgres');
  const server = await startServerProcess({ command, args, ready, owner: user, folder });
  return { ...server, port, url: `postgres://refport@127.0.0.1:${port}/postgres` };
}

module.exports = { programs, startPostgres };
