'use strict';

// The table of what an outcome means, in JavaScript. src/outbox/policy.rs is held to the same cases.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { loadSource } = require('../support/source.js');
const cases = require('./policy-cases.json');

const { classifyOutcome, classifyProbe } = loadSource('lib/outbox/policy.ts');

const CODES = { aborted: 'ABORTED', internal: 'INTERNAL_ERROR' };

describe('the delivery policy', () => {
  for (const { name, error, repeatable, disposition, backsOff, health, probe = 'api' } of /** @type {any[]} */ (
    cases
  )) {
    for (const isRepeatable of repeatable === undefined ? [false, true] : [repeatable]) {
      test(`${name}${isRepeatable ? ', repeatable' : ''}`, () => {
        const code = error && (CODES[/** @type {keyof typeof CODES} */ (error.kind)] ?? 'CODE');
        const outcome = classifyOutcome(
          error && { attempts: error.kind === 'validation' ? 0 : 1, code, ...error },
          isRepeatable,
        );
        const parked = ['rejected', 'ambiguous'].includes(outcome.disposition) ? 'parked:' : '';
        assert.deepEqual(
          { ...outcome, disposition: `${parked}${outcome.disposition}` },
          { disposition, backsOff, health, probe },
        );
      });
    }
  }

  for (const [name, body, health] of [
    ['JSON of its own', ' {}', 'success'],
    ["a gateway's page", '<html>', 'failure'],
    ['nothing', '', 'failure'],
  ]) {
    test(`a probe that is answered with 200 and ${name}: ${health}`, () => {
      const failure = { attempts: 1, code: 'INVALID_RESPONSE', status: 200, ambiguous: true, retryable: true, body };
      assert.equal(classifyProbe(failure).health, health);
    });
  }
});
