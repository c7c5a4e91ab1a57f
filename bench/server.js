'use strict';

/** Starts the benchmark's server and talks to its control port. */

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { once } = require('node:events');
const { spawn } = require('node:child_process');

/** @typedef {{ opened: number, open: number, peak: number, requests: number, cpuMs: number }} Stats */

/**
 * @param {string} binary
 */
async function startServer(binary) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-bench-'));
  const caFile = path.join(folder, 'ca.pem');
  // It ends when its standard input does, which the system closes even when this process is killed.
  const child = spawn(binary, [caFile], { stdio: ['pipe', 'pipe', 'inherit'] });
  // Undefined when it ended without a word; what was wrong is on standard error.
  const [line] = await Promise.race([
    once(readline.createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => []),
  ]);
  if (!line) throw new Error('The benchmark server did not start');
  const ports = JSON.parse(line);
  return {
    caFile,
    ca: fs.readFileSync(caFile, 'utf8'),
    plain: `http://127.0.0.1:${ports.plain}`,
    tls: `https://127.0.0.1:${ports.tls}`,
    reset: () => control(ports.control, 'POST', '/reset'),
    /** @returns {Promise<Stats>} what happened since the last reset */
    stats: () => control(ports.control, 'GET', '/stats'),
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */

/**
 * @param {number} port
 * @param {string} method
 * @param {string} path
 * @returns {Promise<any>}
 */
async function control(port, method, path) {
  const request = http.request({ host: '127.0.0.1', port, method, path, agent: false }).end();
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return JSON.parse(text);
}

module.exports = { startServer };
