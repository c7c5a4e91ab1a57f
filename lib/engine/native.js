'use strict';

// Not the global one, which fake timers replace.
const { setImmediate } = require('node:timers');
const { refuseIncomplete } = require('./addon-file.js');
const { hostTrust, warnIfUnverified } = require('./host-network.js');
const { proxyFor } = require('./proxy.js');

/**
 * The engine `native`: the addon, loaded on first use, so that `require('refport')` costs next to nothing.
 * @module
 */

/** What the addon is built for (the features of napi in Cargo.toml). Node ends the process over what it is too old for. */
const NODE_API = 6;

/**
 * What src/lib.rs exports.
 * @typedef {object} Addon
 * @property {new (config: string) => import('./engine').EngineClient} NativeClient
 * @property {new (deliver: Deliver) => import('./engine').EngineBridge & Resumable} NativeBridge
 * @property {new (
 *   settings: string,
 *   client: import('./engine').EngineClient | undefined,
 *   deliver: Deliver,
 * ) => import('./engine').EngineOutbox & Resumable} NativeOutbox
 */

/** @typedef {{ resume(): void }} Resumable */

/** @typedef {(results: string, hasMore: boolean) => void} Deliver the next results come after `resume()` */

/**
 * @returns {import('./engine').Engine}
 * @throws what loading the addon throws
 */
function loadNative() {
  const offered = Number(process.versions.napi);
  if (offered < NODE_API) throw new Error(`it needs Node-API ${NODE_API}, and this runtime has ${offered}`);
  refuseIncomplete();
  // The generated loader knows this variable too, but is made by the build, which an installation from git can go without.
  const chosen = process.env.NAPI_RS_NATIVE_LIBRARY_PATH;
  // @ts-ignore: written by `napi build` into dist/, beside the bundle.
  const loaded = /** @type {any} */ (chosen ? require(chosen) : require('./native.cjs'));
  const { NativeBridge, NativeClient, NativeOutbox } = /** @type {Addon} */ (loaded);
  if (typeof NativeClient !== 'function' || typeof NativeBridge !== 'function') {
    throw new Error('what was loaded is not the addon of refport');
  }
  return {
    name: 'native',
    createClient({ ca, proxy, ...settings }) {
      warnIfUnverified();
      const config = {
        ...settings,
        proxy: (proxy === undefined ? proxyFor(settings.baseUrl) : proxy) || undefined,
        tls: { ...hostTrust(), ca },
      };
      return new NativeClient(JSON.stringify(config));
    },
    open: (settle) => inTurns(settle, (deliver) => new NativeBridge(deliver)),
    openOutbox: (settings, client, settle) =>
      inTurns(settle, (deliver) => new NativeOutbox(JSON.stringify(settings), client, deliver)),
  };
}

/**
 * Opens what delivers texts, so that the event loop gets a turn between two of them.
 * @template {Resumable} T
 * @param {(text: string) => void} settle
 * @param {(deliver: Deliver) => T} open
 * @returns {T}
 */
function inTurns(settle, open) {
  /** @type {Deliver} */
  const deliver = (text, hasMore) => {
    // The next comes whatever this one does.
    if (hasMore) setImmediate(() => opened.resume());
    settle(text);
  };
  const opened = open(deliver);
  // The addon alone does not keep it while nothing is in flight, so that all this can be collected.
  return Object.assign(opened, { deliver });
}

module.exports = { NODE_API, loadNative };
