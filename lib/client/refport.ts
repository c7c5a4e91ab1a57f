import { isBrowser } from '#platform';
import type { CloseOptions, EmbedTokens, RefportOptions, Track } from '../../index.js';
import type { EngineClient } from '../engine/engine.ts';
import { selectEngine } from '../engine/select.ts';
import { call } from './calls.ts';
import { clientSettings, closeTimeout } from './client-options.ts';
import { makeDisposable } from './disposable.ts';
import { Operation } from './operations.ts';
import { registerEngineClient } from './registry.ts';

export class Refport {
  readonly track: Track;
  readonly embedTokens: EmbedTokens;
  readonly #engineClient: EngineClient;
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  /** Loads the engine. */
  static get engine(): 'native' | 'fetch' {
    return isBrowser ? 'fetch' : selectEngine().name;
  }

  constructor(config: RefportOptions = {}) {
    // The engine first: in a browser it throws, whatever the configuration.
    const engine = selectEngine();
    const settings = clientSettings(config);
    const client = engine.createClient(settings);
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
    return this.#engineClient.close(closeTimeout(options));
  }
}

makeDisposable(Refport);
