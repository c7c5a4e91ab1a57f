'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Refport, RefportConnectionError, RefportRateLimitError } = require('refport');
const { startSandbox, LEAD, SALE } = require('../support/sandbox.js');

/** @type {Array<[name: string, options: import('refport/testing').SandboxOptions, httpVersion: string]>} */
const PROTOCOLS = [
  ['http', {}, '1.1'],
  ['https', { https: true }, '1.1'],
  ['http2', { http2: true }, '2.0'],
];

for (const [name, options, httpVersion] of PROTOCOLS) {
  test(`the SDK talks to the sandbox over ${name}`, async (t) => {
    const { sandbox } = await startSandbox(t, options);
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url, ca: sandbox.ca });
    assert.deepEqual(await refport.track.lead(LEAD), sandbox.leads[0].response);
    assert.deepEqual(await refport.track.sale(SALE), sandbox.sales[0].response);
    const { publicToken, expires } = await refport.embedTokens.create({ tenantId: 'ada' });
    assert.deepEqual([publicToken, expires], [sandbox.tokens[0].publicToken, sandbox.tokens[0].expires]);
    assert.equal(await refport.track.lead({ ...LEAD, clickId: 'click_unlinked' }), null);
    assert.deepEqual(
      sandbox.requests.map((request) => request.httpVersion),
      Array(4).fill(httpVersion),
    );

    sandbox.fail({ status: 429, retryAfter: 7 });
    await assert.rejects(refport.track.lead(LEAD, { maxRetries: 0 }), (error) => {
      assert.ok(error instanceof RefportRateLimitError);
      assert.deepEqual([error.code, error.retryAfter], ['RATE_LIMIT_EXCEEDED', 7]);
      return true;
    });
    for (const when of /** @type {const} */ (['before', 'after', 'during'])) {
      sandbox.drop({ when });
      await assert.rejects(refport.track.lead(LEAD, { maxRetries: 0 }), RefportConnectionError, when);
    }
    sandbox.drop({ when: 'after' });
    const { sale } = await refport.track.sale({ ...SALE, invoiceId: 'in_1' });
    assert.equal(sandbox.sales.length, 2);
    assert.equal(sale.id, 'sale_2');
  });
}
