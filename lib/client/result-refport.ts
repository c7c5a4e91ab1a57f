import type { CloseOptions, RefportOptions } from '../../index.js';
import type { EmbedTokens, Result, Track } from '../../types/result.js';
import { makeDisposable } from './disposable.ts';
import { isRefportError } from './errors.ts';
import { Refport as ThrowingRefport } from './refport.ts';
import { registerSame } from './registry.ts';

/** The client of `refport/result`: `{ data, error }` instead of throwing, as the SDK's versions from 0.4 on. */
export class Refport {
  readonly track: Track;
  readonly embedTokens: EmbedTokens;
  readonly #refport: ThrowingRefport;
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  static get engine(): 'native' | 'fetch' {
    return ThrowingRefport.engine;
  }

  constructor(config?: RefportOptions) {
    const refport = new ThrowingRefport(config);
    this.#refport = refport;
    registerSame(this, refport);
    const { track, embedTokens } = refport;
    this.track = {
      lead: (params, options) => toResult(track.lead(params, options)),
      sale: (params, options) => toResult(track.sale(params, options)),
    };
    this.embedTokens = { create: (params, options) => toResult(embedTokens.create(params, options)) };
  }

  close(options?: CloseOptions): Promise<void> {
    return this.#refport.close(options);
  }
}

makeDisposable(Refport);

function toResult<T>(promise: Promise<T>): Promise<Result<T>> {
  return promise.then(
    (data) => ({ data, error: null }),
    (error: unknown) => {
      if (isRefportError(error)) return { data: null, error };
      throw error;
    },
  );
}
