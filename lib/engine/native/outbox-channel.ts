/**
 * The way to the thread of an outbox: commands of one event-loop turn leave as one string, and replies and events come back
 * in batches. src/bridge/outbox/mod.rs describes the texts.
 * @module
 */

import type { AbortSignalLike } from '../../../index.js';
import { abortError, onAbort } from '../../client/abort-signal.ts';
import { errorFromReport, type FailureReport, RefportError, reasonOf } from '../../client/errors.ts';
import type { EngineOutbox } from '../engine.ts';
import type { NativeOutbox } from './addon.ts';
import { SubmissionBatch } from './submission-batch.ts';

/** Kinds of a message (src/bridge/outbox/mod.rs). */
const SUCCESS = 1;
const EVENT = 2;
const END = 3;

/** Members of a message: number of the command, kind, payload. */
const FIELDS = 3;

/** Fake timers replace every other way to wait for a moment. */
const resolved = /* @__PURE__ */ Promise.resolve();

/** A failure of the outbox itself. Those of parameters and calls are reported as a call's are. */
interface OutboxFailure {
  kind: 'outbox';
  code: string;
  message: string;
  cause?: { message: string; code: string } | null;
}

/** The error for a failure that the addon reports about an outbox. */
export function errorFromFailure(failure: OutboxFailure | FailureReport): RefportError {
  if (failure.kind !== 'outbox')
    return errorFromReport({ ...failure, status: failure.status ?? 422, attempts: failure.attempts ?? 0 });
  const { code, message, cause: reason } = failure;
  // A command that was interrupted may have been carried out.
  const ambiguous = code === 'INTERRUPTED';
  const cause = reason ? Object.assign(new Error(reason.message), { code: reason.code }) : undefined;
  return new RefportError(message, { code, ambiguous, cause });
}

/** A command without a reply. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class OutboxChannel implements EngineOutbox {
  readonly #native: NativeOutbox;
  readonly #onEvent: (event: unknown) => void;
  readonly #waiting = new Map<number, Waiting>();
  #lastToken = 0;
  readonly #batch = new SubmissionBatch(
    (text, count) => this.#native.submit(text, count),
    (token, cause) => this.#fail(token, cause),
  );
  /** The addon holds it only while a command waits for its reply. */
  readonly #settle = (text: string) => this.#receive(text);

  constructor(onEvent: (event: unknown) => void, open: (settle: (text: string) => void) => NativeOutbox) {
    this.#onEvent = onEvent;
    this.#native = open(this.#settle);
  }

  async send(command: string, argument = '', params = '', signal?: AbortSignalLike): Promise<unknown> {
    const token = this.#nextToken();
    const reply = new Promise((resolve, reject) => {
      this.#waiting.set(token, { resolve, reject });
    });
    this.#batch.add(`${token}\t${command}\t${argument}\t${params}\n`);
    if (signal === undefined) return reply;
    const stopListening = onAbort(signal, () => {
      this.#batch.flush();
      this.#native.cancel(token);
    });
    try {
      return await reply;
    } catch (error) {
      throw signal.aborted ? abortError(signal) : error;
    } finally {
      stopListening();
    }
  }

  wantDeliveries(wanted: boolean): void {
    this.#native.wantDeliveries(wanted);
  }

  /** Numbers are 32 bits wide in the addon, and 0 stands for events. */
  #nextToken(): number {
    do this.#lastToken = (this.#lastToken + 1) >>> 0;
    while (this.#lastToken === 0 || this.#waiting.has(this.#lastToken));
    return this.#lastToken;
  }

  #receive(text: string): void {
    const messages = JSON.parse(text);
    for (let at = 0; at < messages.length; at += FIELDS) {
      const [token, kind, payload] = [messages[at], messages[at + 1], messages[at + 2]];
      if (kind === EVENT) {
        // A listener that throws must not keep others from their replies.
        resolved.then(() => this.#onEvent(payload));
      } else if (kind === END) {
        for (const { reject } of this.#waiting.values()) reject(errorFromFailure(payload));
        this.#waiting.clear();
      } else {
        const command = this.#waiting.get(token);
        this.#waiting.delete(token);
        if (kind === SUCCESS) command?.resolve(payload);
        else command?.reject(errorFromFailure(payload));
      }
    }
  }

  /** Rejects a command that could not be submitted. */
  #fail(token: number, cause: unknown): void {
    const message = `The outbox could not take the command: ${reasonOf(cause)}`;
    this.#waiting.get(token)?.reject(new RefportError(message, { code: 'INTERNAL_ERROR', cause }));
    this.#waiting.delete(token);
  }
}
