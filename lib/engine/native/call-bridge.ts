/**
 * Calls over the boundary: those of one event-loop turn leave as one string, and results come back in batches.
 * src/bridge/protocol.rs describes the texts, src/bridge/mod.rs the other side.
 * @module
 */

import { onAbort } from '../../client/abort-signal.ts';
import { asRefportError, closedError, RefportError, reasonOf } from '../../client/errors.ts';
import { clearTimeout, setTimeout } from '../../platform/node.ts';
import { callError } from '../call-error.ts';
import type { EngineCall, EngineClient } from '../engine.ts';
import type { NativeBridge, NativeClient } from './addon.ts';
import { SubmissionBatch } from './submission-batch.ts';

/** The kind of a result (src/bridge/protocol.rs). */
const SUCCESS = 1;

/** Members of a result: number of the call, kind, status, attempts, and the response or a failure. */
const FIELDS = 5;

/** A call in flight. */
interface Slot {
  readonly resolve: (value: unknown) => void;
  readonly client: NativeEngineClient;
  readonly call: EngineCall;
  /** Set if the call has a signal. */
  stopListening: (() => void) | undefined;
  abortedByClose: boolean;
}

/** The calls in flight of all clients: one way to the addon for all of them. */
export class CallBridge {
  readonly #open: (settle: (text: string) => void) => NativeBridge;
  #bridge: NativeBridge | undefined;
  readonly #slots: (Slot | undefined)[] = [];
  /** Indices of `#slots`. */
  readonly #free: number[] = [];
  /** Called after each batch of results while a client is being closed. */
  readonly #afterResults = new Set<() => void>();

  constructor(open: (settle: (text: string) => void) => NativeBridge) {
    this.#open = open;
  }

  submit(client: NativeClient, text: string, count: number): void {
    this.#bridge ??= this.#open((results) => this.#settle(results));
    this.#bridge.submit(client, text, count);
  }

  /** @returns the number of the call */
  add(slot: Slot): number {
    const id = this.#free.pop() ?? this.#slots.length;
    this.#slots[id] = slot;
    return id;
  }

  /** Cancels a call that has been submitted, unless it has settled. It still gets a result, which says what was sent. */
  cancel(id: number, slot: Slot): void {
    // A signal may fire after its call, when the number belongs to another one.
    if (this.#slots[id] === slot) this.#bridge?.cancel(id);
  }

  abortAll(client: NativeEngineClient): void {
    for (const [id, slot] of this.#slots.entries()) {
      if (slot?.client !== client) continue;
      slot.abortedByClose = true;
      this.#bridge?.cancel(id);
    }
  }

  /** Resolves when none of a client's calls is in flight. */
  idle(client: NativeEngineClient): Promise<void> {
    const isIdle = () => !this.#slots.some((slot) => slot?.client === client);
    if (isIdle()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!isIdle()) return;
        this.#afterResults.delete(check);
        resolve();
      };
      this.#afterResults.add(check);
    });
  }

  /** Settles a call that could not be submitted. */
  fail(id: number, cause: unknown): void {
    const message = `The call could not be started: ${reasonOf(cause)}`;
    const slot = this.take(id);
    if (slot) reject(slot, () => new RefportError(message, { code: 'INTERNAL_ERROR', cause }));
  }

  /** Frees a slot; undefined if its call has settled. */
  take(id: number): Slot | undefined {
    const slot = this.#slots[id];
    if (slot === undefined) return undefined;
    this.#slots[id] = undefined;
    this.#free.push(id);
    try {
      slot.stopListening?.();
    } catch {
      // A signal of the caller's making must not keep the other results of the batch from their callers.
    }
    return slot;
  }

  #settle(text: string): void {
    const results = JSON.parse(text);
    for (let at = 0; at < results.length; at += FIELDS) {
      const slot = this.take(results[at]);
      if (slot === undefined) continue;
      const [kind, status, attempts, payload] = [results[at + 1], results[at + 2], results[at + 3], results[at + 4]];
      slot.call.onSettled?.(status, attempts);
      if (kind === SUCCESS) slot.resolve(payload);
      else reject(slot, () => callError({ ...payload, status, attempts }, slot.call.signal, slot.abortedByClose));
    }
    for (const check of this.#afterResults) check();
  }
}

/**
 * Rejects with an error whose stack shows the functions that await the call: V8 finds them from the promise in whose
 * reaction an error is made, if that promise is being waited for by then.
 */
function reject(slot: Slot, makeError: () => RefportError): void {
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  slot.resolve(
    started.then(() => {
      throw makeError();
    }),
  );
  start();
}

export class NativeEngineClient implements EngineClient {
  readonly handle: NativeClient;
  readonly #bridge: CallBridge;
  readonly #batch: SubmissionBatch;
  #isClosed = false;

  constructor(handle: NativeClient, bridge: CallBridge) {
    this.handle = handle;
    this.#bridge = bridge;
    this.#batch = new SubmissionBatch(
      (text, count) => bridge.submit(handle, text, count),
      (id, cause) => bridge.fail(id, cause),
    );
  }

  perform(call: EngineCall): Promise<unknown> {
    return new Promise((resolve) => {
      if (this.#isClosed) throw closedError('client');
      const { operation, isIdempotent, params, options, signal } = call;
      const slot = { resolve, client: this, call, stopListening: undefined, abortedByClose: false };
      const id = this.#bridge.add(slot);
      if (signal) this.#listen(id, slot, signal);
      const settings = options === undefined ? '' : JSON.stringify(options);
      this.#batch.add(`${id}\t${operation}\t${isIdempotent ? 1 : 0}\t${settings}\t${params}\n`);
    });
  }

  async close(timeout: number): Promise<void> {
    this.#isClosed = true;
    this.#batch.flush();
    const timer = setTimeout(() => this.#bridge.abortAll(this), timeout);
    await this.#bridge.idle(this);
    clearTimeout(timer);
  }

  #listen(id: number, slot: Slot, signal: NonNullable<EngineCall['signal']>): void {
    try {
      slot.stopListening = onAbort(signal, () => {
        // The addon can only cancel a call that it has been given.
        this.#batch.flush();
        this.#bridge.cancel(id, slot);
      });
    } catch (cause) {
      this.#bridge.take(id);
      throw asRefportError(cause, 'signal cannot be listened to');
    }
  }
}
