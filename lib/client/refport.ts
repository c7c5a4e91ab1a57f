import { isBrowser, loadsChunks } from '#platform';
import type { CloseOptions, EmbedTokens, RefportOptions, Track } from '../../index.js';
import type { EngineClient } from '../engine/engine.ts';
import * as bundledCore from './core.ts';
import { makeDisposable } from './disposable.ts';
import { Operation } from './operations.ts';
import { registerEngineClient } from './registry.ts';

/** Loaded with the first client, so that a process that only reads click ids is spared it. */
const core = (): typeof bundledCore => (loadsChunks ? require('./chunk-client-core.cjs') : bundledCore);

export class Refport {
  readonly track: Track;
  readonly embedTokens: EmbedTokens;
  readonly #engineClient: EngineClient;
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  /** Loads the engine. */
  static get engine(): 'native' | 'fetch' {
    return isBrowser ? 'fetch' : core().selectEngine().name;
  }

  constructor(config: RefportOptions = {}) {
    const { call, openClient } = core();
    const { client, settings } = openClient(config);
    registerEngineClient(this, client, settings);
    this.#engineClient = client;
    // Own functions instead of methods: they can be detached, and nothing of the configuration is reachable.
    this.track = {
      lead: (params, options) => call(client, Operation.lead, params, options),
      sale: (params, options) => call(client, Operation.sale, params, options),
    };
    this.embedTokens = {
      create: (params, options) => call(client, Operation.embedToken, params, options),
    };
  }

  async close(options?: CloseOptions): Promise<void> {
    return this.#engineClient.close(core().closeTimeout(options));
  }
}

makeDisposable(Refport);
