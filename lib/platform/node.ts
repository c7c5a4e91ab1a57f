/** The runtime's part of the package, for Node and for runtimes with its API (Bun, Deno). */

// Test suites replace timers (vi.useFakeTimers, sinon), and what they test goes on making calls: the real ones are taken
// when the package is loaded, and from Node's module, because most replace only the globals.
const timers = /* @__PURE__ */ (() => process.getBuiltinModule?.('node:timers') ?? globalThis)();
export const clearInterval = timers.clearInterval;
export const clearTimeout = timers.clearTimeout;
export const setImmediate = timers.setImmediate;
export const setInterval = timers.setInterval;
export const setTimeout = timers.setTimeout;
const nanoseconds = /* @__PURE__ */ (() => process.hrtime.bigint)();
/** Milliseconds from an arbitrary start. `performance` would load 0.8 ms of Node for it. */
export const now = (): number => Number(nanoseconds()) / 1e6;

/** Whether parts of the package are files that are loaded when they are needed. */
export const loadsChunks = true;
export const isBrowser = false;
/** Whether native addons can be loaded. */
export const canLoadAddons = true;
/** Whether there are `node:diagnostics_channel` and `util.debuglog`. */
export const hasDiagnostics = true;
/** Whether `fetch` opens a connection for every request that finds none free, however many there are. */
export const opensConnectionPerRequest = true;

interface Builtins {
  'node:child_process': typeof import('node:child_process');
  'node:crypto': typeof import('node:crypto');
  'node:diagnostics_channel': typeof import('node:diagnostics_channel');
  'node:events': typeof import('node:events');
  'node:fs': typeof import('node:fs');
  'node:module': typeof import('node:module');
  'node:net': typeof import('node:net');
  'node:path': typeof import('node:path');
  'node:url': typeof import('node:url');
  'node:util': typeof import('node:util');
}

/**
 * One of Node's own modules. An `import` of it would become a `require` in the bundle, which bundlers of ES modules turn
 * into an error at run time.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name];
export function builtin(name: string): unknown {
  // Node before 20.16 does not have it.
  return process.getBuiltinModule?.(name) ?? require(name);
}

export const environment = (name: string): string | undefined => process.env[name];

/**
 * Whether a command-line flag of Node is set, on the command line or in NODE_OPTIONS. The last one wins.
 * @param flag without dashes
 */
export function nodeFlag(flag: string): boolean | undefined {
  if (!process.env.NODE_OPTIONS && process.execArgv.length === 0) return undefined;
  const args = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv];
  const last = args.findLast((arg) => arg === `--${flag}` || arg === `--no-${flag}`);
  return last === undefined ? undefined : last === `--${flag}`;
}

/** Whether Node obeys the proxy variables of the environment: only if it is told to. */
export const usesEnvProxy = (): boolean => nodeFlag('use-env-proxy') ?? process.env.NODE_USE_ENV_PROXY === '1';

/** The alternative to an option that the engine `fetch` does not support, for the end of a sentence. */
export const alternatives = {
  ca: '. Set NODE_EXTRA_CA_CERTS to a file with the certificates, or install the native addon',
  proxy: '. Set NODE_USE_ENV_PROXY=1 with HTTPS_PROXY and NO_PROXY, or install the native addon',
};

/**
 * Resolves in the next turn of the event loop. Node's `fetch` takes a connection back then, and opens another one for a
 * request that comes before.
 */
export const connectionReturned = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** The runtime's name and version, for the user agent. */
export function runtimeName(): string {
  const { versions, platform, arch } = process;
  const name = versions.bun ? 'bun' : versions.deno ? 'deno' : 'node';
  return `${name}/${versions[name]} (${platform}; ${arch})`;
}

export const emitWarning = (message: string, code: string): void => process.emitWarning(message, { code });

/** A line for NODE_DEBUG=refport. */
export const debug = (text: string): void => builtin('node:util').debuglog('refport')(text);

export { explainErrorCode } from './node-error-codes.ts';
