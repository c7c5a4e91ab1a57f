import { now as monotonic } from '#platform';
import type { Health } from './policy.ts';

/** `Retry-After` is honoured up to an hour. */
const MAX_RETRY_AFTER = 60 * 60 * 1000;
/** A server that asks for no time at all is not asked in a tight loop. */
const MIN_WAIT = 100;
/** Milliseconds. Tests of outages shorten the longest wait. */
export const WAITS = { first: 1000, longest: 5 * 60 * 1000 };

/** Outcomes that are remembered. */
const WINDOW = 50;
/** It opens after this many failures in a row… */
const FAILURES_IN_A_ROW = 8;
/** …or when this share of at least so many outcomes failed. */
const OPEN_RATIO = 0.5;
const OPEN_OUTCOMES = 20;
/** From this share of failures on, fewer entries are sent at a time. */
const SLOW_RATIO = 0.3;
const SLOW_OUTCOMES = 10;
const SLOW_FACTOR = 0.7;

/** How long to wait after `failures` failures (from 0 on), in milliseconds. Spread, so that processes don't retry together. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(WAITS.longest, WAITS.first * 2 ** Math.min(failures, 20));
  return Math.round(longest * (0.5 + random() / 2));
}

export interface BreakerOptions {
  /** Entries at a time while all is well. */
  concurrency: number;
  now?: () => number;
  random?: () => number;
}

/**
 * Stops delivery while the API is down, and slows it down before that. Closed: entries are sent. Open: none are. Half-open:
 * the wait is over, and a probe decides. `src/outbox/circuit_breaker.rs` has the same rules and numbers.
 */
export class CircuitBreaker {
  readonly #concurrency: number;
  readonly #now: () => number;
  readonly #random: () => number;
  /** Outcomes, the newest last: whether each failed. */
  #window: boolean[] = [];
  #limit: number;
  /** Outcomes since the limit was lowered. */
  #sinceSlowdown = 0;
  /** When the next probe is due; undefined while closed. */
  #openUntil: number | undefined;
  /** How often it has opened since it was closed. */
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

  /** How many entries may be on the wire. */
  get limit(): number {
    return this.#openUntil === undefined ? Math.max(1, Math.floor(this.#limit)) : 0;
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
  record(health: Health, retryAfter?: number): number | undefined {
    if (health === 'unknown') return undefined;
    if (this.#openUntil !== undefined) return this.#recordWhileOpen(health, retryAfter);
    if (health === 'throttled' || health === 'refused') return this.open(this.#waitFor(retryAfter));
    this.#remember(health === 'failure');
    return this.#shouldOpen() ? this.open(this.#waitFor(undefined)) : undefined;
  }

  /**
   * Takes note of a probe that did not show the API to be back.
   *
   * @returns how many milliseconds it stays open
   */
  probeFailed(retryAfter?: number): number {
    return this.open(this.#waitFor(retryAfter));
  }

  /** Opens it, or keeps it open, for so many milliseconds. */
  open(wait: number): number {
    this.#openUntil = this.#now() + wait;
    this.#openings++;
    return wait;
  }

  /** Follows a breaker that another process shares: open for so many more milliseconds. `openings` as counted there. */
  follow(wait: number, openings: number): void {
    this.#openUntil = this.#now() + wait;
    this.#openings = Math.max(this.#openings, openings);
  }

  /** How often it has opened since it was last closed. */
  get openings(): number {
    return this.#openings;
  }

  /** Back to full speed. */
  close(): void {
    this.#openUntil = undefined;
    this.#openings = 0;
    this.#limit = this.#concurrency;
    this.#window = [];
    this.#sinceSlowdown = 0;
  }

  /** The attempt had left before the breaker opened: it tells nothing new, unless the server named a later time. */
  #recordWhileOpen(health: Health, retryAfter: number | undefined): number | undefined {
    if (health !== 'throttled' || retryAfter === undefined) return undefined;
    const wait = this.#waitFor(retryAfter);
    if (wait <= this.wait) return undefined;
    this.#openUntil = this.#now() + wait;
    return wait;
  }

  #waitFor(retryAfter: number | undefined): number {
    if (retryAfter === undefined) return backoff(this.#openings, this.#random);
    return Math.min(MAX_RETRY_AFTER, Math.max(MIN_WAIT, retryAfter * 1000));
  }

  #remember(hasFailed: boolean): void {
    this.#window.push(hasFailed);
    if (this.#window.length > WINDOW) this.#window.shift();
    this.#sinceSlowdown++;
    if (!hasFailed) {
      this.#limit = Math.min(this.#concurrency, this.#limit + 1 / this.#limit);
    } else if (this.#failureRatio(SLOW_OUTCOMES) >= SLOW_RATIO && this.#sinceSlowdown >= this.#limit) {
      this.#limit = Math.max(1, this.#limit * SLOW_FACTOR);
      this.#sinceSlowdown = 0;
    }
  }

  #shouldOpen(): boolean {
    const last = this.#window.slice(-FAILURES_IN_A_ROW);
    if (last.length === FAILURES_IN_A_ROW && last.every(Boolean)) return true;
    return this.#failureRatio(OPEN_OUTCOMES) >= OPEN_RATIO;
  }

  /** The share of failures, 0 as long as there are fewer outcomes than `least`. */
  #failureRatio(least: number): number {
    if (this.#window.length < least) return 0;
    return this.#window.filter(Boolean).length / this.#window.length;
  }
}
