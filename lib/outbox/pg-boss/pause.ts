import type { RefportError } from '../../../index.js';
import { CircuitBreaker } from '../circuit-breaker.ts';
import type { DeliveryEvents } from '../delivery-events.ts';
import type { Classification, ProbeKind } from '../policy.ts';
import type { ProbeOutcome } from '../queue/probe.ts';
import type { PgConnection } from './connection.ts';

/** How long a worker waits before it looks again, in milliseconds. */
export const POLL = 500;

/** Asks the API whether it is back. Undefined where only an entry can ask. */
export type Probe = ((signal: AbortSignal) => Promise<ProbeOutcome>) | undefined;

interface SharedPause {
  /** Milliseconds. */
  readonly wait: number;
  readonly openings: number;
  readonly byEntry: boolean;
}

/**
 * The circuit breaker of this process, and the pause that all machines share. When the API fails or asks for time, a job in
 * a queue of its own stops all workers of the same API key. When it is due, the worker that takes it probes. A key that is
 * refused stops this process alone.
 */
export class PgPause {
  readonly #connection: PgConnection;
  readonly #events: DeliveryEvents;
  readonly #probe: Probe;
  readonly #breaker: CircuitBreaker;
  readonly #signal: AbortSignal;
  /** Whether the breaker is open for all machines. */
  #isShared = false;
  /** Whether `paused` was emitted, and `resumed` not yet. */
  #isAnnounced = false;

  constructor(
    connection: PgConnection,
    events: DeliveryEvents,
    { concurrency, probe, signal }: { concurrency: number; probe: Probe; signal: AbortSignal },
  ) {
    this.#connection = connection;
    this.#events = events;
    this.#probe = probe;
    this.#signal = signal;
    this.#breaker = new CircuitBreaker({ concurrency });
  }

  get isOpen(): boolean {
    return this.#breaker.state !== 'closed';
  }

  /** How many entries may be on the wire. */
  get limit(): number {
    return this.#breaker.limit;
  }

  /** Milliseconds until {@link tick} has something to do. */
  get wait(): number {
    return this.isOpen ? Math.min(POLL, this.#breaker.wait) : POLL;
  }

  /** Takes note of an attempt. Resolves when all machines know of the pause, if there is one now. */
  async record(classification: Classification, error: RefportError | null): Promise<void> {
    const wait = this.#breaker.record(classification, error?.retryAfter);
    if (wait === undefined || error === null) return;
    if (classification.health !== 'refused') {
      const values = [wait, this.#breaker.openings, classification.probe === 'entry'];
      const isWritten = await this.#connection
        .run(({ pause }) => pause, values)
        .then(
          () => true,
          // Postgres is away: this process waits all the same.
          () => false,
        );
      // Not before: what is not there yet would look like a pause that was ended.
      this.#isShared ||= isWritten && this.isOpen;
    }
    this.#announce(error, wait);
  }

  /** Looks whether other machines have begun a pause. */
  async follow(): Promise<void> {
    const pause = await this.#find();
    if (!pause) return;
    this.#isShared = true;
    this.#breaker.follow(Math.max(pause.wait, 1), pause.openings, kindOf(pause));
  }

  /**
   * While it is open: finds out whether the pause was ended, and probes if it is time to.
   *
   * @returns whether an entry must be sent as the probe; {@link settleProbe} takes its outcome
   */
  async tick(): Promise<boolean> {
    if (this.#isShared) {
      const pause = await this.#find();
      if (!pause) {
        this.#breaker.close();
        this.#closed();
        return false;
      }
      if (this.#breaker.state === 'open') return false;
      const [isOurs] = await this.#connection.run(({ probe }) => probe);
      if (!isOurs) {
        this.#breaker.follow(Math.max(pause.wait, POLL), pause.openings, kindOf(pause));
        return false;
      }
      this.#breaker.follow(0, pause.openings, kindOf(pause));
    } else if (this.#breaker.state === 'open') return false;
    if (!this.#probe || this.#breaker.probe === 'entry') return true;
    const { classification, error } = await this.#probe(this.#signal);
    await this.settleProbe(classification, error);
    return false;
  }

  /** Takes note of a probe. */
  async settleProbe(classification: Classification, error: RefportError | null): Promise<void> {
    const { health, probe } = classification;
    if (health === 'success') {
      this.#breaker.endProbe(classification);
      if (this.#isShared) await this.#connection.run(({ unpause }) => unpause);
      this.#closed();
      return;
    }
    // Closing has aborted it, or it tells nothing: the next one is due at once.
    const isCut = this.#signal.aborted || health === 'unknown' || error === null;
    const wait = isCut ? 0 : (this.#breaker.endProbe(classification, error.retryAfter) ?? 0);
    if (this.#isShared) {
      const byEntry = isCut ? this.#breaker.probe === 'entry' : probe === 'entry';
      await this.#connection.run(({ prolong }) => prolong, [wait, byEntry]);
    }
    if (!isCut) this.#announce(error, wait);
  }

  /** Ends the pause, on all machines. @returns whether there was one */
  async end(): Promise<boolean> {
    const ended = await this.#connection.run(({ unpause }) => unpause);
    const wasOpen = this.isOpen;
    this.#breaker.resume();
    this.#closed();
    return wasOpen || ended.length > 0;
  }

  async #find(): Promise<SharedPause | undefined> {
    const [pause] = await this.#connection.run<SharedPause>(({ paused }) => paused);
    return pause;
  }

  #announce(error: RefportError, wait: number): void {
    this.#isAnnounced = true;
    this.#events.emit('paused', { error, until: new Date(Date.now() + wait) });
  }

  #closed(): void {
    this.#isShared = false;
    if (!this.#isAnnounced) return;
    this.#isAnnounced = false;
    this.#events.emit('resumed');
  }
}

const kindOf = ({ byEntry }: SharedPause): ProbeKind => (byEntry ? 'entry' : 'api');
