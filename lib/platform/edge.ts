/** The runtime's part of the package, where Node's API is missing or incomplete: Workers, Edge runtimes, browsers. */

import type * as node from './node.ts';

export const clearTimeout = globalThis.clearTimeout;
export const setTimeout = globalThis.setTimeout;
// Nothing is observed here, and outboxes do not run here.
export const now: typeof node.now = () => 0;

export const loadsChunks = false;
export const isBrowser = false;
export const canLoadAddons = false;
export const hasDiagnostics = false;
// A request must not wait here for another one's end: they may belong to different incoming requests.
export const opensConnectionPerRequest = false;

export const builtin: typeof node.builtin = (name: string) => {
  throw new Error(`There is no ${name} here`);
};

/** Some runtimes have `process.env` and nothing else of `process`; others do not have that. */
export const environment: typeof node.environment = (name) => globalThis.process?.env?.[name];

export const usesEnvProxy: typeof node.usesEnvProxy = () => false;

export const alternatives: typeof node.alternatives = { ca: '', proxy: '' };

export const connectionReturned: typeof node.connectionReturned = () => Promise.resolve();

export const explainErrorCode: typeof node.explainErrorCode = (code) => ({ code });

export const runtimeName: typeof node.runtimeName = () => Reflect.get(globalThis, 'navigator')?.userAgent ?? 'edge';

// biome-ignore lint/suspicious/noConsole: there are no process warnings here.
export const emitWarning: typeof node.emitWarning = (message, code) => console.warn(`[${code}] ${message}`);

export const debug: typeof node.debug = () => {};
