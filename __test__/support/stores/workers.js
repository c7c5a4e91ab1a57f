'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const PROGRAM = path.join(__dirname, '../programs/queue-worker.js');

/**
 * A worker process. `failure` rejects if it ends by itself.
 * @param {{ store: string, options: object, url: string }} config
 */
async function startWorker(config) {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(config)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  let isKilled = false;
  const closed = once(child, 'close');
  const failure = closed.then(([code]) => {
    if (!isKilled) throw new Error(`A worker ended with ${code}:\n${output}`);
  });
  failure.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), failure]);
  return {
    failure,
    /** @param {NodeJS.Signals} signal */
    signal: (signal) => child.kill(signal),
    /** Tells it to close. @returns {Promise<number | null>} the exit code */
    async end() {
      isKilled = true;
      child.kill('SIGTERM');
      const [code] = await closed;
      return code;
    },
    async kill() {
      isKilled = true;
      child.kill('SIGKILL');
      await closed;
    },
  };
}

module.exports = { startWorker };
