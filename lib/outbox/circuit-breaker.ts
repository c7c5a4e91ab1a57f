import { now as monotonic } from '#platform';
import type { Classification, ProbeKind } from './policy.ts';

/** `Retry-After` is honoured up to an hour. */
const MAX_RETRY_AFTER = 60 * 60 * 1000;
/** A server that asks for no time at all is not asked in a tight loop. */
const MIN_WAIT = 100;
/** Of the breaker, in milliseconds. The longest is that of an entry, too. */
const WAITS = { first: 1000, longest: 5 * 60 * 1000 };
/** Of a single entry: the breaker protects the API, and one that fails now and then should not hold up an entry for long. */
const FIRST_ENTRY_WAIT = 100;

/** Outcomes that are remembered. */
const WINDOW = 50;
/** It opens after this many failures in a row… */
const FAILURES_IN_A_ROW = 8;
/** …of which one that costs an entry, because nobody knows whether it was counted, counts as several… */
const WEIGHT_OF_COST = 3;
/** …or when this share of at least so many outcomes failed. */
const OPEN_RATIO = 0.5;
const OPEN_OUTCOMES = 20;
/** From this share of failures on, fewer entries are sent at a time. */
const SLOW_RATIO = 0.3;
const SLOW_OUTCOMES = 10;
const SLOW_FACTOR = 0.7;

/** How long an entry waits after `failures` failures (from 0 on), in milliseconds. */
export function entryBackoff(failures: number): number {
  return backoff(FIRST_ENTRY_WAIT, failures, Math.random);
}

/** Spread, so that processes don't retry together. */
function backoff(first: number, failures: number, random: () => number): number {
  const longest = Math.min(WAITS.longest, first * 2 ** Math.min(failures, 20));
  return Math.round(longest * (0.5 + random() / 2));
}

interface BreakerOptions {
  /** Entries at a time while all is well. */
  concurrency: number;
  now?: () => number;
  random?: () => number;
}

/**
 * Stops delivery while the API is down, and slows it down before that. Closed: entries are sent. Open: none are. Half-open:
 * the wait is over, and a probe decides; then entries go one at a time until one is answered. `src/outbox/circuit_breaker.rs`
 * has the same rules and numbers; `__test__/outbox/breaker-cases.json` holds the two together.
 */
export class CircuitBreaker {
  readonly #concurrency: number;
  readonly #now: () => number;
  readonly #random: () => number;
  /** Outcomes, the newest last: whether each failed. */
  #window: boolean[] = [];
  #failuresInARow = 0;
  #limit: number;
  /** No entry was answered since it opened. */
  #isOnTrial = false;
  /** Outcomes since the limit was lowered. */
  #sinceSlowdown = 0;
  /** When the next probe is due; undefined while closed. */
  #openUntil: number | undefined;
  #probe: ProbeKind = 'api';
  /** How often it has opened since an entry was last answered. */
  #openings = 0;

  constructor({ concurrency, now = monotonic, random = Math.random }: BreakerOptions) {
    this.#concurrency = concurrency;
    this.#limit = concurrency;
    this.#now = now;
    this.#random = random;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#openUntil === undefined) return 'closed';
    return this.#now() < this.#openUntil ? 'open' : 'half-open';
  }

  /** How many entries may be on the wire, besides a probe. */
  get limit(): number {
    if (this.#openUntil !== undefined) return 0;
    return this.#isOnTrial ? 1 : Math.floor(this.#limit);
  }

  /** The probe when the wait is over. */
  get probe(): ProbeKind {
    return this.#probe;
  }

  /** Milliseconds until the probe is due; 0 if it is, or if the breaker is closed. */
  get wait(): number {
    return this.#openUntil === undefined ? 0 : Math.max(0, this.#openUntil - this.#now());
  }

  /**
   * Takes note of an attempt.
   *
   * @param retryAfter - seconds, if the server named a time
   * @returns how many milliseconds it stays open if this attempt opened it, or extended the wait
   */
  record(classification: Classification, retryAfter?: number): number | undefined {
    const { health } = classification;
    if (health === 'unknown') return undefined;
    if (this.#openUntil !== undefined) return this.#recordWhileOpen(classification, retryAfter);
    if (health === 'throttled' || health === 'refused') return this.#open(classification, retryAfter);
    this.#remember(classification);
    return this.#shouldOpen(classification) ? this.#open(classification) : undefined;
  }

  /**
   * Takes note of a probe, and closes if the API is back.
   *
   * @returns how many milliseconds it stays open; undefined if it closed, or the probe tells nothing
   */
  endProbe(classification: Classification, retryAfter?: number): number | undefined {
    if (classification.health === 'unknown') return undefined;
    if (classification.health !== 'success') return this.#open(classification, retryAfter);
    const isByEntry = this.#probe === 'entry';
    this.close();
    if (isByEntry) this.#noteAnswer();
    return undefined;
  }

  /** Follows a breaker that another process shares: open for so many more milliseconds. `openings` as counted there. */
  follow(wait: number, openings: number, probe: ProbeKind): void {
    this.#openUntil = this.#now() + wait;
    this.#openings = Math.max(this.#openings, openings);
    this.#probe = probe;
  }

  /** How often it has opened since an entry was last answered. */
  get openings(): number {
    return this.#openings;
  }

  /** Entries go again, one at a time until one is answered. The waits go on growing until then. */
  close(): void {
    if (this.#openUntil === undefined) return;
    this.#openUntil = undefined;
    this.#isOnTrial = true;
    this.#limit = this.#concurrency;
    this.#window = [];
    this.#failuresInARow = 0;
    this.#sinceSlowdown = 0;
  }

  /** A person says that the API is back: it closes, and the waits begin anew. */
  resume(): void {
    this.#openings = 0;
    this.close();
  }

  #open(classification: Classification, retryAfter?: number): number {
    const wait = this.#waitFor(retryAfter);
    this.#openUntil = this.#now() + wait;
    this.#openings++;
    this.#probe = classification.probe;
    return wait;
  }

  /** The attempt had left before the breaker opened: it tells nothing new, unless the server named a later time. */
  #recordWhileOpen(classification: Classification, retryAfter: number | undefined): number | undefined {
    if (classification.health !== 'throttled' || retryAfter === undefined) return undefined;
    return this.#waitFor(retryAfter) > this.wait ? this.#open(classification, retryAfter) : undefined;
  }

  #waitFor(retryAfter: number | undefined): number {
    if (retryAfter === undefined) return backoff(WAITS.first, this.#openings, this.#random);
    return Math.min(MAX_RETRY_AFTER, Math.max(MIN_WAIT, retryAfter * 1000));
  }

  #remember({ health, disposition }: Classification): void {
    const hasFailed = health === 'failure';
    this.#window.push(hasFailed);
    if (this.#window.length > WINDOW) this.#window.shift();
    this.#sinceSlowdown++;
    if (!hasFailed) {
      this.#noteAnswer();
      this.#limit = Math.min(this.#concurrency, this.#limit + 1 / this.#limit);
      return;
    }
    this.#failuresInARow += disposition === 'ambiguous' ? WEIGHT_OF_COST : 1;
    if (this.#failureRatio(SLOW_OUTCOMES) >= SLOW_RATIO && this.#sinceSlowdown >= this.#limit) {
      this.#limit = Math.max(1, this.#limit * SLOW_FACTOR);
      this.#sinceSlowdown = 0;
    }
  }

  #noteAnswer(): void {
    this.#isOnTrial = false;
    this.#failuresInARow = 0;
    this.#openings = 0;
  }

  #shouldOpen({ health, disposition }: Classification): boolean {
    if (health !== 'failure') return false;
    if (this.#failuresInARow >= FAILURES_IN_A_ROW) return true;
    if (this.#isOnTrial && disposition === 'ambiguous') return true;
    return this.#failureRatio(OPEN_OUTCOMES) >= OPEN_RATIO;
  }

  /** The share of failures, 0 as long as there are fewer outcomes than `least`. */
  #failureRatio(least: number): number {
    if (this.#window.length < least) return 0;
    return this.#window.filter(Boolean).length / this.#window.length;
  }
}
