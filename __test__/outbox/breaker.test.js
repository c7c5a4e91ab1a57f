'use strict';

// The circuit breaker in JavaScript. src/outbox/circuit_breaker.rs is held to the same cases.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { loadSource } = require('../support/source.js');
const cases = require('./breaker-cases.json');

const { CircuitBreaker } = loadSource('lib/outbox/circuit-breaker.ts');

/** @type {Record<string, object>} */
const CLASSIFICATIONS = {
  success: { disposition: 'delivered', health: 'success', probe: 'api' },
  failure: { disposition: 'pending', health: 'failure', probe: 'api' },
  costly: { disposition: 'ambiguous', health: 'failure', probe: 'api' },
  throttled: { disposition: 'pending', health: 'throttled', probe: 'entry' },
  refused: { disposition: 'pending', health: 'refused', probe: 'api' },
  unknown: { disposition: 'pending', health: 'unknown', probe: 'api' },
};

describe('the circuit breaker', () => {
  for (const { name, concurrency, steps } of /** @type {any[]} */ (cases)) {
    test(name, () => {
      let now = 0;
      const breaker = new CircuitBreaker({ concurrency, now: () => now, random: () => 1 });
      let isProbing = false;
      for (const [index, { entry, api, due, resume, times = 1, opens, limit }] of steps.entries()) {
        const place = `step ${index + 1}`;
        /** @type {number | undefined} */
        let opened;
        for (let i = 0; i < times; i += 1) {
          assert.equal(opened, undefined, `${place}: too early`);
          const [outcome = '', retryAfter] = (entry ?? api ?? '').split(' ');
          const seconds = retryAfter && Number(retryAfter);
          if (api || (entry && isProbing && breaker.probe === 'entry')) {
            opened = breaker.endProbe(CLASSIFICATIONS[outcome], seconds);
            isProbing = false;
          } else if (entry) {
            opened = breaker.record(CLASSIFICATIONS[outcome], seconds);
          } else if (due) {
            now += breaker.wait;
            isProbing = true;
            assert.deepEqual([breaker.state, breaker.probe], ['half-open', due], place);
          } else if (resume) {
            breaker.resume();
          }
        }
        assert.equal(opened, opens, place);
        // The entry that probes is not within the limit here.
        if (limit !== undefined && due !== 'entry') assert.equal(breaker.limit, limit, place);
      }
    });
  }
});
