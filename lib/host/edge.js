'use strict';

/**
 * What the facade asks of its host, answered where Node's API is not there or only in parts: Workers, Edge runtimes,
 * browsers. Nothing here is evaluated at import.
 * @module
 */

/** @type {Omit<typeof import('./node.js'), 'nodeFlag'>} */
const host = {
  // Some have the variable and nothing else of `process`; others have not even that.
  environment: (name) => globalThis.process?.env?.[name],
  // And a request that waits for another one's end must not be sent on behalf of that other one.
  semaphoreFor: () => undefined,
  connectionIsBack: () => Promise.resolve(),
  insteadOf: { ca: '', proxy: '' },
  meaningOf: (code) => ({ code }),
  obeysProxyVariables: () => false,
  runtime: () => /** @type {any} */ (globalThis).navigator?.userAgent ?? 'edge',
  // biome-ignore lint/suspicious/noConsole: there are no process warnings here.
  warn: (message, code) => console.warn(`[${code}] ${message}`),
};

module.exports = host;
