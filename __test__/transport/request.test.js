'use strict';

// What leaves the process: nothing that invites a compressed answer, and the key to nobody but the origin.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const { nativeOnly } = require('../support/engine.js');
const { callKinds } = require('../support/call-kinds.js');
const { respond } = require('../support/fault-behaviours.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { API_KEY, clientFor, rejectionOf } = require('../support/refport-client.js');

describe('requests', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`does not ask for compression, and sends a length · ${kind.name}`, HANG, async (t) => {
      const server = await startFaultServer();
      t.after(() => server.close());
      await kind.send(clientFor(server));
      const [{ method, path, headers, body }] = server.requests;
      assert.deepEqual([method, path], ['POST', kind.path]);
      assert.ok(!('accept-encoding' in headers) || headers['accept-encoding'] === 'identity');
      assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
      assert.equal(headers.authorization, `Bearer ${API_KEY}`);
      assert.equal(headers['content-type'], 'application/json');
      assert.ok(!('cookie' in headers) && !('referer' in headers));
    });

    it(`a body that arrives compressed all the same is an INVALID_RESPONSE · ${kind.name}`, {
      ...HANG,
      skip: nativeOnly('compression'),
    }, async (t) => {
      const server = await startFaultServer([
        respond(200, '\x1f\x8b\b\0\0\0\0\0', { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' }),
      ]);
      t.after(() => server.close());
      assert.equal((await rejectionOf(kind.send(clientFor(server)))).code, 'INVALID_RESPONSE');
    });

    it(`a cookie the server sets is not sent back · ${kind.name}`, HANG, async (t) => {
      const server = await startFaultServer([respond(429, '', { 'Set-Cookie': 'a=b', 'Retry-After-Ms': '1' })]);
      t.after(() => server.close());
      await kind.send(clientFor(server));
      assert.equal(server.requests.length, 2);
      assert.ok(server.requests.every(({ headers }) => !('cookie' in headers)));
    });
  }

  it('every attempt sends the same bytes', HANG, async (t) => {
    const server = await startFaultServer([
      respond(429, '', { 'Retry-After-Ms': '1' }),
      respond(429, '', { 'Retry-After-Ms': '1' }),
    ]);
    t.after(() => server.close());
    const params = {
      clickId: 'c',
      customerExternalId: 'u',
      amount: 1e21,
      metadata: { z: 1, a: '\ud800é', n: [null, 0.1] },
    };
    await clientFor(server).track.sale(params);
    assert.deepEqual(
      server.requests.map(({ body }) => body),
      Array(3).fill(JSON.stringify(params)),
    );
  });

  it('an error that quotes the server does not quote the key it echoed', HANG, async (t) => {
    const server = await startFaultServer([
      respond(400, JSON.stringify({ error: { code: 'VALIDATION_ERROR', message: 'no' } }), { 'X-Request-Id': 'req_1' }),
    ]);
    t.after(() => server.close());
    const client = clientFor(server);
    const error = await rejectionOf(callKinds[0].send(client));
    for (const shown of [
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(error),
      error.stack,
      inspect(client, { depth: 9, showHidden: true }),
      JSON.stringify(client),
    ]) {
      assert.ok(shown && !shown.includes(API_KEY), shown);
    }
  });
});
