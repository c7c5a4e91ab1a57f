import type { AbortSignalLike } from '../../index.js';
import { RefportAbortError } from './errors.ts';

/** A call's progress at the time it was aborted. */
interface Progress {
  attempts?: number | undefined;
  ambiguous?: boolean | undefined;
  retryable?: boolean | undefined;
}

/** One listener per signal, however many calls wait on it: Node warns of many listeners. */
interface Subscription {
  callbacks: Set<() => void>;
  listener: () => void;
}

const subscriptions = new WeakMap<AbortSignalLike, Subscription>();

/**
 * Calls `callback` when the signal fires.
 * @param signal not aborted yet
 * @returns stops it; the last one to stop removes the listener
 */
export function onAbort(signal: AbortSignalLike, callback: () => void): () => void {
  let subscription = subscriptions.get(signal);
  if (subscription === undefined) {
    subscription = subscribe(signal);
    subscriptions.set(signal, subscription);
  }
  const { callbacks, listener } = subscription;
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size > 0 || subscriptions.get(signal)?.callbacks !== callbacks) return;
    subscriptions.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}

function subscribe(signal: AbortSignalLike): Subscription {
  const callbacks = new Set<() => void>();
  const listener = () => {
    // A callback may settle calls, which then leave the set.
    for (const callback of [...callbacks]) callback();
  };
  signal.addEventListener('abort', listener);
  return { callbacks, listener };
}

export function abortError(signal: AbortSignalLike | undefined, progress?: Progress): RefportAbortError {
  let cause: unknown;
  try {
    cause = signal?.reason;
  } catch (thrown) {
    cause = thrown;
  }
  return new RefportAbortError('The call was aborted', { ...progress, cause });
}
