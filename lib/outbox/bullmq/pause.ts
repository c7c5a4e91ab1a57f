import type { RefportError as PublicError } from '../../../index.js';
import type { EngineClient } from '../../engine/engine.ts';
import { CircuitBreaker } from '../circuit-breaker.ts';
import type { DeliveryEvents } from '../delivery-events.ts';
import type { Classification } from '../policy.ts';
import { probe } from '../queue/probe.ts';
import type { Answer, BreakerCommand, LeasedEntry } from './exchange.ts';

const NO_COMMAND: BreakerCommand = { name: '' };

interface PauseOptions {
  readonly concurrency: number;
  readonly events: DeliveryEvents;
  /** Undefined for a client that is not one of ours: then one entry is the probe. */
  readonly probeClient: EngineClient | undefined;
  /** Aborts a probe. */
  readonly signal: AbortSignal;
  /** Makes the worker's next round trip due: there is a command, or something to send. */
  readonly wake: () => void;
}

/**
 * The circuit breaker of this process, and its part in the one in Redis that the workers of an API key share: commands go there
 * with the next request, and each answer tells its state. A process whose key is not accepted pauses alone.
 */
export class BullPause {
  readonly #options: PauseOptions;
  readonly #breaker: CircuitBreaker;
  #command: BreakerCommand = NO_COMMAND;
  /** The probe on its way that tells whether the API is back: a request of its own, or an entry. */
  #probing: 'api' | LeasedEntry | undefined;
  /** Whether other workers share the reason why the breaker is open. */
  #isShared = false;
  /** Whether `paused` was emitted, and `resumed` not yet. */
  #isAnnounced = false;
  #resumes: number | undefined;

  constructor(options: PauseOptions) {
    this.#options = options;
    this.#breaker = new CircuitBreaker({ concurrency: options.concurrency });
  }

  /** How many entries may be on the wire, besides a probe. */
  get limit(): number {
    return this.#breaker.limit;
  }

  /** Milliseconds until a probe is due; 0 if it is, or if the breaker is closed. */
  get wait(): number {
    return this.#breaker.wait;
  }

  get hasCommand(): boolean {
    return this.#command !== NO_COMMAND;
  }

  /** Whether the wait is over, and nothing is asked yet. */
  get isProbeDue(): boolean {
    return this.#probing === undefined && this.#breaker.state === 'half-open';
  }

  /** Whether an entry is the probe. A client that is not one of ours can send nothing else. */
  get probesWithEntry(): boolean {
    return this.#options.probeClient === undefined || this.#breaker.probe === 'entry';
  }

  isProbe(entry: LeasedEntry): boolean {
    return this.#probing === entry;
  }

  /** @param claims - to probe for all workers that share the breaker */
  takeCommand(claims: boolean): BreakerCommand {
    const command: BreakerCommand =
      claims && this.#isShared && this.#command === NO_COMMAND ? { name: 'claim' } : this.#command;
    this.#command = NO_COMMAND;
    return command;
  }

  /** Takes over what other workers, or a person, have done to the shared breaker. */
  follow({ breaker, resumes }: Answer): void {
    const isResumed = this.#resumes !== undefined && this.#resumes !== resumes;
    this.#resumes = resumes;
    if (isResumed && this.#breaker.state !== 'closed') {
      this.#breaker.resume();
      this.#closed();
    }
    if (breaker.state !== 'closed') {
      this.#isShared = true;
      const isLater = breaker.state === 'half-open' && this.#breaker.state === 'open';
      if (!isLater) this.#breaker.follow(breaker.wait, breaker.openings, breaker.probe);
    } else if (this.#isShared && this.#command.name !== 'open') {
      this.#breaker.close();
      this.#closed();
    }
  }

  /** Asks whether the API is back; with an entry, if there is one. */
  beginProbe({ isProbeOurs, taken }: Answer): void {
    const { probeClient, signal } = this.#options;
    if (this.#isShared && !isProbeOurs) return;
    if (this.probesWithEntry || probeClient === undefined) {
      this.#probing = taken[0];
      return;
    }
    this.#probing = 'api';
    void probe(probeClient, signal).then(({ classification, error }) => this.#endProbe(classification, error));
  }

  /** The entry was not sent. */
  dropProbe(entry: LeasedEntry): void {
    if (this.#probing === entry) this.#probing = undefined;
  }

  /** Takes note of an attempt. */
  record(entry: LeasedEntry, classification: Classification, error: PublicError | null): void {
    if (this.#probing === entry) {
      this.#endProbe(classification, error);
      return;
    }
    const wait = this.#breaker.record(classification, error?.retryAfter);
    if (wait !== undefined && error !== null) this.#opened(wait, error, classification);
  }

  /** Ends a pause of this process alone: whether there was one. */
  resume(): boolean {
    const wasOpen = this.#breaker.state !== 'closed';
    this.#breaker.resume();
    this.#closed();
    return wasOpen;
  }

  /** Emits `paused`. @param wait - milliseconds */
  announce(error: PublicError, wait: number): void {
    this.#isAnnounced = true;
    this.#options.events.emit('paused', { error, until: new Date(Date.now() + wait) });
  }

  /** Emits `resumed` if only Redis was away. */
  onStoreBack(): void {
    if (this.#isAnnounced && this.#breaker.state === 'closed') this.#closed();
  }

  #endProbe(classification: Classification, error: PublicError | null): void {
    this.#probing = undefined;
    const wait = this.#breaker.endProbe(classification, error?.retryAfter);
    if (wait !== undefined && error !== null) {
      this.#opened(wait, error, classification);
    } else if (classification.health === 'unknown') {
      if (this.#isShared) this.#command = { name: 'release' };
    } else {
      if (this.#isShared) this.#command = { name: 'close' };
      this.#closed();
    }
    this.#options.wake();
  }

  /** A process that is not accepted pauses alone: another may have a good key, or another way out. */
  #opened(wait: number, error: PublicError, { health }: Classification): void {
    const { openings, probe: kind } = this.#breaker;
    const isShared = health !== 'refused';
    if (isShared) this.#command = { name: 'open', wait, openings, probe: kind };
    else if (this.#isShared) this.#command = { name: 'release' };
    this.#isShared ||= isShared;
    this.announce(error, wait);
  }

  #closed(): void {
    this.#isShared = false;
    if (this.#isAnnounced) this.#options.events.emit('resumed');
    this.#isAnnounced = false;
    this.#options.wake();
  }
}
