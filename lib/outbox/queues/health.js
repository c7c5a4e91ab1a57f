'use strict';

/**
 * Whether the API is well, as this process sees it.
 * @module
 */

/** In milliseconds. Tests of outages shorten the longest one. */
const WAITS = { first: 1000, longest: 5 * 60 * 1000 };
/** So many doubtful failures in a row mean that the API is away, not that something is wrong with one entry. */
const DOUBTFUL = 3;

/**
 * How long to wait after so many failures in a row, in milliseconds. Spread, so that processes don't come at once.
 * @param {number} failures
 */
function backoff(failures) {
  const longest = Math.min(WAITS.longest, WAITS.first * 2 ** Math.min(Math.max(failures - 1, 0), 20));
  return Math.round(longest * (0.5 + Math.random() / 2));
}

class DoubtCounter {
  #failures = 0;

  /**
   * @param {import('./verdict.js').Health} health
   * @param {boolean} isProbe whether the attempt was to find out if the API is back
   * @returns {boolean} whether the outbox must wait
   */
  isAway(health, isProbe) {
    if (health === 'up') this.#failures = 0;
    if (health !== 'doubtful') return health === 'away';
    this.#failures++;
    return isProbe || this.#failures >= DOUBTFUL;
  }
}

module.exports = { DoubtCounter, WAITS, backoff };
