'use strict';

// Runs a program in a Node process of its own: what an environment variable, a flag or an exit does cannot be seen
// from inside the test's process. The Node under test is the one that runs the tests.

const { spawn } = require('node:child_process');
const path = require('node:path');

const PROGRAMS = path.join(__dirname, 'programs');

/** Variables that would change what the transport does. */
const CLEARED = /^(https?_proxy|no_proxy|all_proxy|node_.*|ssl_cert_.*|refport_(?!engine$).*)$/i;

/** The environment of the tests without anything that would change what the transport does. */
const cleanEnvironment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !CLEARED.test(name)));

/**
 * @typedef {object} Finished
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {boolean} hung whether it had to be killed
 *
 * @param {string} program file in support/programs
 * @param {object} input handed to the program as JSON
 * @param {{ env?: Record<string, string>, execArgv?: string[], hangAfter?: number, shell?: string, uid?: number, gid?: number }} [options]
 *   `uid` and `gid`: whom the process runs as; `hangAfter` (ms) is the guard after which the program is killed; `shell` is a command, such as `ulimit`, to run
 *   in the same shell before it
 */
function startNode(program, input, { env = {}, execArgv = [], hangAfter = 60_000, shell, ...user } = {}) {
  const file = path.join(PROGRAMS, program);
  const args = [...execArgv, file, JSON.stringify(input)];
  const child = shell
    ? spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', process.execPath, ...args], {
        env: { ...cleanEnvironment(), ...env },
        ...user,
      })
    : spawn(process.execPath, args, { env: { ...cleanEnvironment(), ...env }, ...user });
  let stdout = '';
  let stderr = '';
  let hung = false;
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk;
  });
  const guard = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, hangAfter);
  /** @type {Promise<Finished>} */
  const finished = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(guard);
      resolve({ code, signal, stdout, stderr, hung });
    });
  });
  return { child, finished };
}

/**
 * @param {Parameters<typeof startNode>} args
 */
const runNode = (...args) => startNode(...args).finished;

/**
 * Whether the Node under test knows a flag.
 *
 * @param {string} flag
 */
const knowsFlag = (flag) => process.allowedNodeEnvironmentFlags.has(flag);

module.exports = { cleanEnvironment, knowsFlag, runNode, startNode };
