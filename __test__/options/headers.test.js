'use strict';

// Headers of one's own: the call's over the client's, and neither over what makes the request what it is.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const { callKinds } = require('../support/call-kinds.js');
const { respond } = require('../support/fault-behaviours.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { API_KEY, clientFor } = require('../support/refport-client.js');

/** @param {import('node:test').TestContext} t @param {import('../support/fault-behaviours.js').Fault[]} script */
const starting = async (t, script) => {
  const server = await startFaultServer(script);
  t.after(() => server.close());
  return server;
};

describe('headers', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`of client and call are sent with every attempt, the call's first · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, [respond(429, '', { 'Retry-After-Ms': '1' })]);
      const client = clientFor(server, { headers: { 'X-Client': 'client', 'X-Both': 'client' } });
      await kind.send(client, { headers: { 'x-both': 'call', 'X-Call': 'call' } });
      assert.equal(server.requests.length, 2);
      for (const { headers } of server.requests) {
        assert.deepEqual([headers['x-client'], headers['x-both'], headers['x-call']], ['client', 'call', 'call']);
      }
    });

    it(`of one call are not those of the next · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, []);
      const client = clientFor(server);
      await kind.send(client, { headers: { 'X-Once': 'yes' } });
      await kind.send(client);
      assert.deepEqual(
        server.requests.map(({ headers }) => headers['x-once']),
        ['yes', undefined],
      );
    });

    it(`do not replace the key or the framing · ${kind.name}`, HANG, async (t) => {
      const server = await starting(t, []);
      const meddling = {
        Authorization: 'Bearer another',
        'Content-Length': '1',
        'Transfer-Encoding': 'chunked',
        Host: 'elsewhere.test',
      };
      // Refusing them is as good as ignoring them; sending them is not.
      const call = (/** @type {string} */ where) =>
        where === 'client'
          ? (async () => kind.send(clientFor(server, { headers: meddling })))()
          : kind.send(clientFor(server), { headers: meddling });
      for (const where of ['client', 'call']) {
        await call(where).catch((error) => assert.equal(error.name, 'RefportValidationError'));
      }
      for (const { headers, body } of server.requests) {
        assert.equal(headers.authorization, `Bearer ${API_KEY}`);
        assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
        assert.equal(headers['transfer-encoding'], undefined);
      }
    });
  }

  it('of the value undefined are left out', HANG, async (t) => {
    const server = await starting(t, []);
    const client = clientFor(server, { headers: { 'X-None': undefined, 'X-Some': 'yes' } });
    await callKinds[0].send(client, { headers: { 'X-Nor': undefined } });
    const [{ headers }] = server.requests;
    assert.deepEqual([headers['x-none'], headers['x-nor'], headers['x-some']], [undefined, undefined, 'yes']);
  });

  for (const [shape, make] of Object.entries({
    Headers: (/** @type {[string, string][]} */ entries) => new Headers(entries),
    'a Map': (/** @type {[string, string][]} */ entries) => new Map(entries),
    entries: (/** @type {[string, string][]} */ entries) => entries,
    'an object without a prototype': (/** @type {[string, string][]} */ entries) =>
      Object.assign(Object.create(null), Object.fromEntries(entries)),
  })) {
    it(`can be ${shape}`, HANG, async (t) => {
      const server = await starting(t, []);
      const client = clientFor(server, { headers: make([['x-client', 'a']]) });
      await callKinds[0].send(client, { headers: make([['x-call', 'b']]) });
      const [{ headers }] = server.requests;
      assert.deepEqual([headers['x-client'], headers['x-call']], ['a', 'b']);
    });
  }

  for (const headers of [
    new Set(['x-a']),
    [['x-a']],
    [['x-a', 'b', 'c']],
    new Map([[1, 'a']]),
    new Map([['x-a', 1]]),
  ]) {
    it(`cannot be what holds no pairs of texts: ${inspect(headers)}`, () => {
      assert.throws(() => clientFor({ url: 'http://127.0.0.1:1' }, { headers }), {
        name: 'RefportValidationError',
        message: /^headers/,
      });
    });
  }
});
