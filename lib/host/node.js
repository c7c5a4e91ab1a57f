'use strict';

/**
 * What the facade asks of its host, answered by Node and by those that have its API (Bun, Deno). edge.js answers elsewhere.
 * @module
 */

/** Fake timers replace it. */
const { setImmediate } = globalThis;

/** @param {string} name */
const environment = (name) => process.env[name];

/**
 * Whether a command-line flag of Node is set, on the command line or in NODE_OPTIONS; the last one counts.
 * @param {string} flag without dashes
 * @returns {boolean | undefined}
 */
function nodeFlag(flag) {
  const args = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv];
  const last = args.findLast((arg) => arg === `--${flag}` || arg === `--no-${flag}`);
  return last === undefined ? undefined : last === `--${flag}`;
}

/** Whether this process was told to obey the proxy variables of the environment; Node reads them only then. */
const obeysProxyVariables = () => nodeFlag('use-env-proxy') ?? process.env.NODE_USE_ENV_PROXY === '1';

// Both are of use to the engine `fetch` alone, and loaded with its first call.

/**
 * What bounds the connections that `fetch` opens, where the runtime does not.
 * @type {typeof import('./semaphore.js').sharedSemaphore}
 */
const semaphoreFor = (origin, size) => require('./semaphore.js').sharedSemaphore(origin, size);

/** @type {typeof import('./node-fetch.js').meaningOf} */
const meaningOf = (code) => require('./node-fetch.js').meaningOf(code);

/** What to do instead of an option that `fetch` does not have, for the end of a sentence. */
const insteadOf = {
  ca: '. Set NODE_EXTRA_CA_CERTS to a file with the certificates, or install the native addon',
  proxy: '. Set NODE_USE_ENV_PROXY=1 with HTTPS_PROXY and NO_PROXY, or install the native addon',
};

/**
 * A turn of the event loop after the end of an answer: Node's `fetch` takes its connection back then, and would open
 * another one for a request that comes before.
 * @returns {Promise<void>}
 */
const connectionIsBack = () => new Promise((resolve) => void setImmediate(resolve));

/** The runtime's name and version, for the user agent. */
function runtime() {
  const { versions } = process;
  const name = versions.bun ? 'bun' : versions.deno ? 'deno' : 'node';
  return `${name}/${versions[name]} (${process.platform}; ${process.arch})`;
}

/**
 * @param {string} message
 * @param {string} code
 */
const warn = (message, code) => process.emitWarning(message, { code });

/**
 * A line of NODE_DEBUG=refport.
 * @param {string} text
 */
const debug = (text) => require('node:util').debuglog('refport')('%s', text);

module.exports = {
  connectionIsBack,
  debug,
  environment,
  semaphoreFor,
  insteadOf,
  meaningOf,
  nodeFlag,
  obeysProxyVariables,
  runtime,
  warn,
};
