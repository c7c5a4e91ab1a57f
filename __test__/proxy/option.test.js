'use strict';

// The option `proxy`: tunnels for https, absolute-form requests for http, and credentials that only the proxy gets.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const { callKinds } = require('../support/call-kinds.js');
const { respond } = require('../support/fault-behaviours.js');
const { HANG, resolved } = require('../support/fault-table.js');
const { closedPort, startFaultServer } = require('../support/fault-server.js');
const { startCountingServer } = require('../support/counting-server.js');
const { startProxy } = require('../support/forward-proxy.js');
const { API_KEY, assertError, clientFor, rejectionOf } = require('../support/refport-client.js');
const { createAuthority, trustedAuthority } = require('../support/tls-certificates.js');

const starting = async (
  /** @type {import('node:test').TestContext} */ t,
  /** @type {any} */ { tls, script, credentials } = {},
) => {
  const authority = await trustedAuthority();
  const server = await startFaultServer(script, tls ? { tls: await (tls === true ? authority : tls).issue() } : {});
  const proxy = await startProxy({ credentials });
  t.after(() => Promise.all([server.close(), proxy.close()]));
  return { server, proxy, ca: authority.ca };
};

const basic = (/** @type {string} */ text) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the option proxy', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`reaches an https origin through a tunnel that sees nothing · ${kind.name}`, HANG, async (t) => {
      const { server, proxy, ca } = await starting(t, { tls: true });
      const client = clientFor(server, { proxy: proxy.url, ca });
      assert.deepEqual(await kind.send(client), resolved(kind.path));
      assert.deepEqual(await kind.send(client), resolved(kind.path));
      assert.deepEqual(
        proxy.seen.map(({ method, target }) => [method, target]),
        [['CONNECT', `127.0.0.1:${server.port}`]],
      );
      assert.ok(!inspect(proxy.seen, { depth: 9 }).includes(API_KEY));
      assert.equal(server.requests[0].headers.authorization, `Bearer ${API_KEY}`);
      assert.equal(server.requests[0].path, kind.path);
    });

    it(`reaches an http origin by absolute-form requests · ${kind.name}`, HANG, async (t) => {
      const { server, proxy } = await starting(t);
      assert.deepEqual(await kind.send(clientFor(server, { proxy: proxy.url })), resolved(kind.path));
      assert.deepEqual(
        proxy.seen.map(({ method, target }) => [method, target]),
        [['POST', `${server.url}${kind.path}`]],
      );
      assert.equal(server.attempts, 1);
    });

    for (const tls of [true, false]) {
      it(`authenticates to the proxy alone, ${tls ? 'https' : 'http'} origin · ${kind.name}`, HANG, async (t) => {
        const { server, proxy, ca } = await starting(t, { tls, credentials: 'us er:p@ss:/wörd' });
        const client = clientFor(server, { proxy: proxy.urlWith('us er', 'p@ss:/wörd'), ca });
        assert.deepEqual(await kind.send(client), resolved(kind.path));
        assert.equal(proxy.seen[0].headers['proxy-authorization'], basic('us er:p@ss:/wörd'));
        assert.equal(server.requests[0].headers['proxy-authorization'], undefined);
      });
    }

    it(
      `wrong credentials: a typed error that names the proxy's answer, nothing sent · ${kind.name}`,
      HANG,
      async (t) => {
        const { server, proxy, ca } = await starting(t, { tls: true, credentials: 'user:right' });
        const client = clientFor(server, { proxy: proxy.urlWith('user', 'hunter2'), ca, maxRetries: 0 });
        const error = await rejectionOf(kind.send(client));
        assertError(error, { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 0, message: /proxy/i });
        assert.ok(!inspect(error, { depth: 9 }).includes('hunter2'));
        assert.equal(server.connections.opened, 0);
      },
    );

    it(`a proxy that is not there: tried to the end · ${kind.name}`, HANG, async (t) => {
      const { server, ca } = await starting(t, { tls: true });
      const client = clientFor(server, { proxy: `http://127.0.0.1:${await closedPort()}`, ca, maxRetries: 1 });
      const error = await rejectionOf(kind.send(client));
      assertError(error, {
        name: 'RefportConnectionError',
        code: 'CONNECTION_ERROR',
        status: 0,
        causeCode: /^ECONNREFUSED$/,
      });
      assert.equal(error.attempts, 2);
      assert.equal(server.connections.opened, 0);
    });

    it(`the origin's certificate is verified through the tunnel · ${kind.name}`, HANG, async (t) => {
      const { server, proxy, ca } = await starting(t, { tls: await createAuthority('Interceptor') });
      const error = await rejectionOf(kind.send(clientFor(server, { proxy: proxy.url, ca })));
      assertError(error, { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 0 });
      assert.equal(error.attempts, 1);
      assert.equal(server.requests.length, 0);
    });
  }

  for (const tls of [true, false]) {
    it(`a proxy that is itself reached over TLS, ${tls ? 'https' : 'http'} origin`, HANG, async (t) => {
      const { server, ca } = await starting(t, { tls });
      const proxy = await startProxy({ tls: true });
      t.after(() => proxy.close());
      await callKinds[0].send(clientFor(server, { proxy: proxy.url, ca }));
      assert.deepEqual(
        proxy.seen.map(({ method }) => method),
        [tls ? 'CONNECT' : 'POST'],
      );
    });
  }

  it('a failure behind the proxy is told like any other', HANG, async (t) => {
    const { server, proxy, ca } = await starting(t, { tls: true, script: [respond(404)] });
    const error = await rejectionOf(callKinds[0].send(clientFor(server, { proxy: proxy.url, ca })));
    assert.equal(error.name, 'RefportNotFoundError');
  });

  it('HTTP/2 runs through a tunnel, and a burst opens at most 8 of them', HANG, async (t) => {
    const server = await startCountingServer('h2', { delay: 10 });
    const proxy = await startProxy();
    t.after(() => Promise.all([server.close(), proxy.close()]));
    const client = clientFor(server, { proxy: proxy.url, ca: server.ca, timeout: 60_000 });
    await Promise.all(Array.from({ length: 500 }, () => callKinds[0].send(client)));
    assert.equal(server.seen.requests, 500);
    assert.ok(proxy.seen.length <= 8, `${proxy.seen.length} tunnels`);
  });

  it('clients with different proxies do not share connections', HANG, async (t) => {
    const { server, proxy, ca } = await starting(t, { tls: true });
    await callKinds[0].send(clientFor(server, { ca }));
    assert.equal(proxy.seen.length, 0);
    await callKinds[0].send(clientFor(server, { proxy: proxy.url, ca }));
    assert.equal(proxy.seen.length, 1);
    await callKinds[0].send(clientFor(server, { proxy: false, ca }));
    assert.equal(proxy.seen.length, 1);
  });
});
