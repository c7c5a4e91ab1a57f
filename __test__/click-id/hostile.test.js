'use strict';

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { setImmediate } = require('node:timers/promises');
const fc = require('fast-check');
const { Hono } = require('hono');

const { getClickIdFromCookie, getClickIdFromRequest } = require('refport');
const { build, fail, failing, recipe, revoked } = require('../support/click-id-hostile-values.js');

describe('whatever a request is', () => {
  it('nothing is thrown', async () => {
    const name = fc.option(fc.constantFrom('refp_id', 'get', 'constructor', '0', ''), { nil: undefined });
    fc.assert(
      fc.property(recipe, name, (hostile, of) => {
        const request = build(hostile);
        for (const id of [
          getClickIdFromRequest(request, of),
          getClickIdFromRequest({ cookies: request, headers: request }),
        ]) {
          assert.ok(id === null || (typeof id === 'string' && id !== ''));
        }
        const header = /** @type {any} */ (request);
        assert.doesNotThrow(() => getClickIdFromCookie(header, /** @type {any} */ (request)));
      }),
      { numRuns: 3000 },
    );
    // A rejection that nobody handles would have come up by now.
    await setImmediate();
  });

  it('a proxy that fails, or has been revoked, has no click ID', () => {
    for (const value of [failing, revoked()]) {
      assert.equal(getClickIdFromRequest(value), null);
      for (const key of ['cookies', 'headers', 'multiValueHeaders', 'req', 'request', 'node', 'raw']) {
        assert.equal(getClickIdFromRequest({ [key]: value }), null);
      }
    }
  });

  it('a failing getter does not hide what is elsewhere', () => {
    const request = {
      get cookies() {
        return fail();
      },
      headers: { cookie: 'refp_id=a' },
    };
    assert.equal(getClickIdFromRequest(request), 'a');
  });

  it('an array of lines without end takes no time', () => {
    const lines = Object.assign(new Array(2 ** 32 - 1), { 0: 'a=b', 1: 'refp_id=a' });
    assert.equal(getClickIdFromRequest({ headers: { cookie: lines } }), 'a');
    assert.equal(getClickIdFromRequest({ cookies: lines }), 'a');
    const liar = new Proxy(/** @type {unknown[]} */ ([]), {
      get: (_, key) => (key === 'length' ? Number.POSITIVE_INFINITY : undefined),
    });
    assert.equal(getClickIdFromRequest({ headers: { cookie: liar } }), null);
  });

  it('a Map without end takes no time', () => {
    class Endless extends Map {
      /** @returns {any} */
      *keys() {
        for (;;) yield 'a';
      }
    }
    assert.equal(getClickIdFromRequest({ headers: new Endless([['COOKIE', 'refp_id=a']]) }), 'a');
  });

  it('a store whose promises reject does not bring the process down', async () => {
    for (const get of [
      async () => fail(),
      () => Object.assign(Promise.reject(new Error('hostile')), { catch: fail }),
    ]) {
      assert.equal(getClickIdFromRequest({ cookies: { get }, req: { header: get } }), null);
      // @ts-expect-error An asynchronous store answers too late.
      assert.equal(getClickIdFromRequest({ get }), null);
    }
    await setImmediate();
  });

  it('a header as long as the longest is read to its end', () => {
    const header = `${'a=b;'.repeat(1 << 20)}refp_id=a`;
    assert.equal(getClickIdFromCookie(header), 'a');
    assert.equal(getClickIdFromCookie(`refp_i=${header}`), 'a');
  });

  it('it is only looked at', async () => {
    const app = new Hono().use(async (c) => {
      c.header('cookie', 'kept');
      assert.equal(getClickIdFromRequest(c), null);
      return c.body(null);
    });
    const response = await app.request('/');
    assert.equal(response.headers.get('cookie'), 'kept');
  });
});
