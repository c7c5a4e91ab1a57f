'use strict';

// What a subscriber of refport:request puts into a call's headers goes to the API with that call.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { Refport } = require('refport');
const { callEvents } = require('../support/call-events.js');
const { LEAD, SALE, startSandbox } = require('../support/sandbox.js');

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, unknown>} injected
 * @param {object} [config]
 */
async function injecting(t, injected, config) {
  const { sandbox } = await startSandbox(t);
  callEvents(t, { start: (message) => Object.assign(message.headers, injected) });
  return { sandbox, refport: new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url, ...config }) };
}

describe('headers of a subscriber', () => {
  const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('arrive at the API, with every attempt', async (t) => {
    const { sandbox, refport } = await injecting(t, { traceparent: TRACE });
    sandbox.fail({ status: 429, retryAfter: 0 });
    await refport.track.lead(LEAD);

    assert.deepEqual(
      sandbox.requests.map(({ headers }) => headers.traceparent),
      [TRACE, TRACE],
    );
  });

  it('belong to one call', async (t) => {
    const { sandbox } = await startSandbox(t);
    let count = 0;
    callEvents(t, {
      start: ({ headers }) => {
        count += 1;
        headers[`x-call-${count}`] = 'yes';
      },
    });
    const refport = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    await refport.track.lead(LEAD);
    await refport.track.sale(SALE);

    const own = sandbox.requests.map(({ headers }) => Object.keys(headers).filter((name) => name.startsWith('x-call')));
    assert.deepEqual(own, [['x-call-1'], ['x-call-2']]);
  });

  it("go over the client's and under the call's", async (t) => {
    const config = { headers: { 'x-one': 'client', 'x-two': 'client' } };
    const injected = { 'X-Two': 'subscriber', 'X-Three': 'subscriber', 'x-four': 'subscriber' };
    const { sandbox, refport } = await injecting(t, injected, config);
    await refport.track.lead(LEAD, { headers: { 'x-three': 'call', 'X-Four': 'call' } });

    const { headers } = sandbox.requests[0];
    const values = ['x-one', 'x-two', 'x-three', 'x-four'].map((name) => headers[name]);
    assert.deepEqual(values, ['client', 'subscriber', 'call', 'call']);
  });

  it('may be numbers or undefined', async (t) => {
    const { sandbox, refport } = await injecting(t, { 'x-sampling-priority': 1, 'x-origin': undefined });
    await refport.track.lead(LEAD);

    const { headers } = sandbox.requests[0];
    assert.deepEqual([headers['x-sampling-priority'], headers['x-origin']], ['1', undefined]);
  });

  for (const [name, injected] of /** @type {const} */ ([
    ['authorization', { authorization: 'Bearer other' }],
    ['content-length', { 'Content-Length': '3' }],
    ['x-split', { 'x-split': 'a\r\nx-more: b' }],
  ])) {
    it(`are refused where they would change the request: ${name}`, async (t) => {
      const { sandbox, refport } = await injecting(t, injected);
      await assert.rejects(refport.track.lead(LEAD), {
        name: 'RefportValidationError',
        message: new RegExp(name),
      });
      assert.equal(sandbox.requests.length, 0);
    });
  }
});
