'use strict';

// A call that nobody watches takes none of the steps that make it visible.

const assert = require('node:assert/strict');
const { channel } = require('node:diagnostics_channel');
const { describe, it } = require('node:test');
const { Refport } = require('refport');
const { LEAD, startSandbox } = require('../support/sandbox.js');

describe('watching calls', () => {
  it('costs nothing before somebody watches and after', async (t) => {
    const { sandbox } = await startSandbox(t);
    const { track } = new Refport({ apiKey: sandbox.apiKey, baseUrl: sandbox.url });
    let published = 0;
    const start = /** @type {any} */ (channel('tracing:refport:request:start'));
    const { runStores } = start;
    t.after(() => Reflect.deleteProperty(start, 'runStores'));
    start.runStores = (/** @type {unknown[]} */ ...args) => {
      published += 1;
      return runStores.apply(start, args);
    };
    const watched = async () => {
      published = 0;
      await track.lead(LEAD);
      await track.lead(LEAD, { timeout: 5000 });
      return published;
    };

    assert.equal(await watched(), 0);
    for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) {
      const events = channel(`tracing:refport:request:${event}`);
      const subscriber = () => {};
      events.subscribe(subscriber);
      assert.equal(await watched(), 2, event);
      events.unsubscribe(subscriber);
      assert.equal(await watched(), 0, `after ${event}`);
    }
  });
});
