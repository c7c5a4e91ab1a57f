/** The addon (src/lib.rs), loaded with the first client, so that `require('refport')` costs next to nothing. */

import { builtin } from '../../platform/node.ts';
import { assertComplete, likelyFile } from './addon-file.ts';
import type * as missing from './addon-missing.ts';

/** The version of Node-API that the addon needs (the features of napi in Cargo.toml). An older Node ends the process. */
export const NODE_API = 6;

export interface Addon {
  NativeClient: new (settings: string) => NativeClient;
  NativeBridge: new (deliver: Deliver) => NativeBridge;
  NativeOutbox: new (settings: string, client: NativeClient | undefined, deliver: Deliver) => NativeOutbox;
}

/** Gets a batch of results; if there are more, they come after `resume()`. */
export type Deliver = (results: string, hasMore: boolean) => void;

/** A client's settings as the addon holds them. */
export interface NativeClient {
  readonly [native]: never;
}
declare const native: unique symbol;

export interface NativeBridge {
  /** Starts the `count` calls of a batch (src/bridge/protocol.rs describes its text). Every one gets a result. */
  submit(client: NativeClient, batch: string, count: number): void;
  /** Ends a call, which still gets a result. */
  cancel(id: number): void;
  resume(): void;
}

export interface NativeOutbox {
  /** Gives the `count` commands of a text (src/bridge/outbox). Every one gets a reply. */
  submit(batch: string, count: number): void;
  /** Gives up waiting for the reply to a command, which gets one nevertheless. */
  cancel(token: number): void;
  wantDeliveries(wanted: boolean): void;
  resume(): void;
}

/** @throws what loading the addon throws */
export function loadAddon(): Addon {
  const offered = Number(process.versions.napi);
  if (offered < NODE_API) throw new Error(`it needs Node-API ${NODE_API}, and this runtime has ${offered}`);
  const file = process.env.NAPI_RS_NATIVE_LIBRARY_PATH || likelyFile();
  const loaded = file === undefined ? loadGenerated() : loadFile(file);
  if (isAddon(loaded)) return loaded;
  throw new Error('what was loaded is not the addon of refport');
}

/** Loads a file without the generated loader, which takes twice as long as loading the file. */
function loadFile(file: string): unknown {
  assertComplete(file);
  const loaded: { exports: unknown } = { exports: {} };
  process.dlopen(loaded, builtin('node:path').toNamespacedPath(file));
  return loaded.exports;
}

function loadGenerated(): unknown {
  const { loadGenerated }: typeof missing = require('./chunk-addon-missing.cjs');
  return loadGenerated();
}

function isAddon(loaded: unknown): loaded is Addon {
  if (typeof loaded !== 'object' || loaded === null) return false;
  return ['NativeClient', 'NativeBridge', 'NativeOutbox'].every(
    (name) => typeof Reflect.get(loaded, name) === 'function',
  );
}
