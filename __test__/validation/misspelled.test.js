'use strict';

// A parameter that is almost one of those there are is one process warning, and is sent as it is.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { describe, it } = require('node:test');
const { HANG } = require('../support/fault-table.js');

const lead = { clickId: 'c', eventName: 'Sign up', customerExternalId: 'u' };
const sale = { clickId: 'c', customerExternalId: 'u', amount: 1 };

/** The messages of the warnings of a process that makes these calls. @param {[method: string, params: object][]} calls */
function warningsOf(calls) {
  const program = `
    const { Refport } = require('refport');
    const warnings = [];
    process.on('warning', ({ code, message }) => warnings.push([code, message]));
    const refport = new Refport({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 });
    const methods = { ...refport.track, ...refport.embedTokens };
    const calls = ${JSON.stringify(calls)}.map(([method, params]) => methods[method](params));
    Promise.allSettled(calls).then(() => console.log(JSON.stringify(warnings)));`;
  const options = /** @type {const} */ ({ cwd: __dirname, encoding: 'utf8' });
  return JSON.parse(execFileSync(process.execPath, ['--no-warnings', '--eval', program], options));
}

describe('a misspelled parameter', HANG, () => {
  /** @type {[method: string, params: object, given: string, call: string, meant: string][]} */
  const cases = [
    ['lead', { ...lead, customerEmial: 'a@b.test' }, 'customerEmial', 'track.lead', 'customerEmail'],
    ['lead', { ...lead, customer_name: 'Ada' }, 'customer_name', 'track.lead', 'customerName'],
    ['sale', { ...sale, invoiceID: 'in_1' }, 'invoiceID', 'track.sale', 'invoiceId'],
    ['sale', { ...sale, curency: 'eur' }, 'curency', 'track.sale', 'currency'],
    ['create', { tenantId: 't', tenentId: 't' }, 'tenentId', 'embedTokens.create', 'tenantId'],
  ];
  for (const [method, params, given, call, meant] of cases) {
    it(`${call}: ${given}`, () => {
      const message = `"${given}" is not a parameter of ${call}, and is sent as it is. Did you mean ${meant}?`;
      assert.deepEqual(
        warningsOf([
          [method, params],
          [method, params],
        ]),
        [['REFPORT_UNKNOWN_PARAMETER', message]],
      );
    });
  }

  it('is not one that the API may have added', () => {
    assert.deepEqual(
      warningsOf([
        ['lead', { ...lead, source: 'ad', couponCode: 'X' }],
        ['sale', { ...sale, taxAmountInclusive: 1 }],
      ]),
      [],
    );
  });
});
