'use strict';

/**
 * What the facade asks of its host, answered where Node's API is not there or only in parts: Workers, Edge runtimes,
 * browsers. Nothing here is evaluated at import.
 * @module
 */

/** @typedef {typeof import('./node.js')} Host what Node answers */

/** @type {Host['debug']} */
const debug = () => {};

/** Some have the variable and nothing else of `process`; others have not even that. @type {Host['environment']} */
const environment = (name) => globalThis.process?.env?.[name];

/** And a request that waits for another one's end must not be sent on behalf of that other one. @type {Host['semaphoreFor']} */
const semaphoreFor = () => undefined;

/** @type {Host['connectionIsBack']} */
const connectionIsBack = () => Promise.resolve();

/** @type {Host['insteadOf']} */
const insteadOf = { ca: '', proxy: '' };

/** @type {Host['meaningOf']} */
const meaningOf = (code) => ({ code });

/** @type {Host['obeysProxyVariables']} */
const obeysProxyVariables = () => false;

/** @type {Host['runtime']} */
const runtime = () => /** @type {any} */ (globalThis).navigator?.userAgent ?? 'edge';

/** @type {Host['warn']} */
// biome-ignore lint/suspicious/noConsole: there are no process warnings here.
const warn = (message, code) => console.warn(`[${code}] ${message}`);

module.exports = {
  connectionIsBack,
  debug,
  environment,
  insteadOf,
  meaningOf,
  obeysProxyVariables,
  runtime,
  semaphoreFor,
  warn,
};
