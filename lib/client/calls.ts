/** Options and parameters in, calls of an engine out. */

import { hasDiagnostics } from '#platform';
import type { AbortSignalLike, EmbedTokenResponse, TrackLeadResponse, TrackSaleResponse } from '../../index.js';
import type { CallSettings, EngineClient } from '../engine/engine.ts';
import { abortError } from './abort-signal.ts';
import { callSettings, signalOf } from './client-options.ts';
import { asRefportError } from './errors.ts';
import { Operation, PATHS } from './operations.ts';
import { isRecord } from './option-values.ts';
import { checkParams } from './params.ts';
import { isObserved, observe } from './telemetry.ts';

/** By operation. */
interface Responses {
  0: TrackLeadResponse | null;
  1: TrackSaleResponse;
  2: EmbedTokenResponse;
}

/** Makes one call. Rejects with a `RefportError`, and never throws. */
export function call<O extends Operation>(
  client: EngineClient,
  operation: O,
  params: unknown,
  options: unknown,
): Promise<Responses[O]>;
export function call(client: EngineClient, operation: Operation, params: unknown, options: unknown): Promise<unknown> {
  try {
    const sent =
      options === undefined && !(hasDiagnostics && isObserved())
        ? perform(client, operation, params)
        : performWithOptions(client, operation, params, options ?? {});
    return operation === Operation.embedToken ? sent.then(withDate) : sent;
  } catch (error) {
    return Promise.reject(asRefportError(error, 'options cannot be read'));
  }
}

function perform(
  client: EngineClient,
  operation: Operation,
  params: unknown,
  options?: CallSettings,
  signal?: AbortSignalLike,
  onSettled?: (status: number, attempts: number) => void,
): Promise<unknown> {
  const { text, isIdempotent } = checkParams(operation, params);
  // Getters and toJSON are the caller's, and may have aborted the call.
  if (signal?.aborted) throw abortError(signal);
  return client.perform({ operation, isIdempotent, params: text, options, signal, onSettled });
}

function performWithOptions(
  client: EngineClient,
  operation: Operation,
  params: unknown,
  options: unknown,
): Promise<unknown> {
  const settings = callSettings(options);
  const signal = signalOf(options);
  if (signal?.aborted) throw abortError(signal);
  if (!(hasDiagnostics && isObserved())) return perform(client, operation, params, settings, signal);
  return observe(PATHS[operation], settings.headers, (headers, onSettled) =>
    perform(client, operation, params, { ...settings, headers }, signal, onSettled),
  );
}

/** The API sends `expires` as text; the engine has checked that it is a date. */
function withDate(token: unknown): unknown {
  if (isRecord(token)) token.expires = new Date(String(token.expires));
  return token;
}
