/**
 * The engine `fetch`: calls over the runtime's own `fetch`, where there is no addon. It keeps the rules of src/api;
 * __test__/engine/differential.test.js holds the two together.
 * @module
 */

import { alternatives, clearTimeout, setTimeout, usesEnvProxy } from '#platform';
import { onAbort } from '../../client/abort-signal.ts';
import { asRefportError, closedError, RefportValidationError } from '../../client/errors.ts';
import { callError } from '../call-error.ts';
import type { ClientSettings, Engine, EngineCall, EngineClient } from '../engine.ts';
import { Call } from './call.ts';
import { type Endpoint, openEndpoint } from './endpoint.ts';

export const fetchEngine: Engine = {
  name: 'fetch',
  createClient(settings) {
    rejectUnsupported(settings);
    return new FetchEngineClient(openEndpoint(settings));
  },
};

/** Options that only the runtime decides for its `fetch`. */
function rejectUnsupported({ ca, proxy, http2 }: ClientSettings): void {
  const refusal = (option: 'ca' | 'proxy', shown: string) =>
    new RefportValidationError(
      `${shown} is not possible with the engine fetch: the runtime decides that for its fetch${alternatives[option]}`,
    );
  if (ca !== undefined) throw refusal('ca', 'ca');
  if (proxy) throw refusal('proxy', 'proxy');
  if (proxy === false && usesEnvProxy()) throw refusal('proxy', 'proxy: false');
  if (http2) {
    throw new RefportValidationError('http2 needs the native engine: with fetch, the runtime chooses the protocol');
  }
}

class FetchEngineClient implements EngineClient {
  readonly #endpoint: Endpoint;
  readonly #calls = new Set<Call>();
  /** Called after each call while the client is being closed. */
  readonly #afterCall = new Set<() => void>();
  #isClosed = false;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  async perform(given: EngineCall): Promise<unknown> {
    if (this.#isClosed) throw closedError('client');
    const { signal, onSettled } = given;
    const call = new Call(this.#endpoint, given);
    const stopListening = signal && listen(signal, call);
    this.#calls.add(call);
    const outcome = await call.perform();
    this.#calls.delete(call);
    try {
      stopListening?.();
    } catch {
      // A signal of the caller's making must not change the outcome.
    }
    const { status, attempts, failure } = outcome;
    onSettled?.(status, attempts);
    for (const check of this.#afterCall) check();
    if (failure === undefined) return outcome.response;
    throw callError({ ...failure, status, attempts }, signal, call.abortedByClose);
  }

  async close(timeout: number): Promise<void> {
    this.#isClosed = true;
    const timer = setTimeout(() => {
      for (const call of this.#calls) {
        call.abortedByClose = true;
        call.cancel();
      }
    }, timeout);
    await this.#idle();
    clearTimeout(timer);
  }

  #idle(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (this.#calls.size > 0) return;
        this.#afterCall.delete(check);
        resolve();
      };
      this.#afterCall.add(check);
    });
  }
}

function listen(signal: NonNullable<EngineCall['signal']>, call: Call): () => void {
  try {
    return onAbort(signal, () => call.cancel());
  } catch (cause) {
    throw asRefportError(cause, 'signal cannot be listened to');
  }
}
