'use strict';

// A real database server as a process: started on a port of its own, ended gently or not, started again.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

/**
 * @param {string} prefix
 * @param {{ uid?: number, gid?: number }} owner
 */
function makeFolder(prefix, { uid, gid }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
  if (uid !== undefined && gid !== undefined) fs.chownSync(folder, uid, gid);
  return folder;
}

/** These servers take port 0 for none, so that one has to be found for them. */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * @param {{ command: string, args: string[], ready: RegExp, owner?: { uid?: number, gid?: number }, folder: string }} program
 */
async function startServerProcess({ command, args, ready, owner = {}, folder }) {
  /** @type {import('node:child_process').ChildProcess} */
  let child;
  /** @type {Promise<unknown>} */
  let closed;

  async function start() {
    child = spawn(command, args, { ...owner, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    closed = once(child, 'close');
    let output = '';
    await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (chunk) => {
          output = (output + chunk).slice(-10_000);
          if (ready.test(output)) resolve(undefined);
        });
      }
      child.once('error', reject);
      child.once('close', () => reject(new Error(`${command} ended:\n${output}`)));
    });
  }

  /** @param {NodeJS.Signals} signal */
  async function end(signal) {
    child.kill(signal);
    await closed;
  }

  await start();
  return {
    /** Ends it and starts it again, on the same port with the same data. @param {NodeJS.Signals} signal */
    async restart(signal) {
      await end(signal);
      await start();
    },
    async stop() {
      await end('SIGKILL');
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

module.exports = { freePort, makeFolder, startServerProcess };
