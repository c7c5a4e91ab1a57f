'use strict';

// An outbox in a process of its own that does what it is told while it runs.

const { once } = require('node:events');
const readline = require('node:readline');
const { startNode } = require('./run-node.js');

/**
 * @param {import('node:test').TestContext} t
 * @param {object} input for support/programs/outbox.js
 * @param {Parameters<typeof startNode>[2]} [options]
 */
function startOutbox(t, input, options) {
  const { child, finished } = startNode('outbox.js', { ...input, afterwards: 'obey' }, options);
  t.after(() => child.kill('SIGKILL'));
  /** @type {string[]} */
  const lines = [];
  const output = readline.createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  let hasEnded = false;
  const ended = finished.then((result) => {
    hasEnded = true;
    return result;
  });
  return {
    lines,
    finished,
    pid: Number(child.pid),
    /** @param {unknown[]} command such as `['lead', params, { id }]` or `['resend', id]` */
    tell: (...command) => child.stdin.write(`${JSON.stringify(command)}\n`),
    /**
     * Resolves with the first line that begins like this; fails if the process ends before.
     * @param {string} start
     */
    async says(start) {
      for (;;) {
        const line = lines.find((one) => one.startsWith(start));
        if (line !== undefined) return line;
        if (hasEnded) throw new Error(`it ended before it said ${start}: ${(await finished).stderr}`);
        await Promise.race([once(output, 'line'), ended]);
      }
    },
    /** Ends the process as a crash does, and waits for that. */
    async kill() {
      child.kill('SIGKILL');
      return finished;
    },
    /** Closes the outbox and waits for the process to end. */
    async close() {
      child.stdin.end();
      return finished;
    },
  };
}

module.exports = { startOutbox };
