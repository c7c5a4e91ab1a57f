'use strict';

// A redirected POST is either repeated in full within the origin it was meant for, or it is an error. It never
// becomes a GET that reports success, and the key never reaches another origin.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { callKinds } = require('../support/call-kinds.js');
const { respond } = require('../support/fault-behaviours.js');
const { HANG, resolved } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { API_KEY, assertError, clientFor, rejectionOf } = require('../support/refport-client.js');
const { trustedAuthority } = require('../support/tls-certificates.js');

/**
 * @param {number} status
 * @param {string} [location]
 */
const redirect = (status, location) => respond(status, '', location === undefined ? {} : { Location: location });

/**
 * Starts servers that are closed after the test.
 *
 * @param {import('node:test').TestContext} t
 * @returns {typeof startFaultServer}
 */
const servers = (t) => async (script, options) => {
  const server = await startFaultServer(script, options);
  t.after(() => server.close());
  return server;
};

describe('redirects', { concurrency: true }, () => {
  for (const kind of callKinds) {
    const moved = `/v2${kind.path}`;

    for (const status of [300, 304, 305, 399]) {
      it(`${status} is an error · ${kind.name}`, HANG, async (t) => {
        const server = await servers(t)([redirect(status, moved)]);
        assertError(await rejectionOf(kind.send(clientFor(server))), { name: 'RefportError', code: 'UNKNOWN', status });
        assert.equal(server.attempts, 1);
      });
    }

    for (const status of [301, 302, 303]) {
      it(`${status} is an error that names the location · ${kind.name}`, HANG, async (t) => {
        const server = await servers(t)([redirect(status, moved)]);
        const error = await rejectionOf(kind.send(clientFor(server)));
        assertError(error, { name: 'RefportError', code: 'UNKNOWN', status });
        assert.ok(error.message.includes(moved), error.message);
        assert.equal(error.attempts, 1);
        assert.equal(server.attempts, 1);
      });
    }

    for (const status of [307, 308]) {
      it(`${status} within the origin is followed with method, body and key · ${kind.name}`, HANG, async (t) => {
        const server = await servers(t)([redirect(status, moved)]);
        assert.deepEqual(await kind.send(clientFor(server)), resolved(kind.path));
        const [first, second] = server.requests;
        assert.equal(server.attempts, 2);
        assert.deepEqual(
          { method: second.method, path: second.path, body: second.body, key: second.headers.authorization },
          { method: 'POST', path: moved, body: first.body, key: `Bearer ${API_KEY}` },
        );
        assert.equal(second.headers['content-type'], 'application/json');
      });

      it(`${status} to the same origin written out is followed · ${kind.name}`, HANG, async (t) => {
        const start = servers(t);
        const server = await start([
          { name: 'absolute', onRequest: (exchange) => redirect(status, `${server.url}${moved}`).onRequest(exchange) },
        ]);
        assert.deepEqual(await kind.send(clientFor(server)), resolved(kind.path));
        assert.equal(server.requests[1].path, moved);
      });

      for (const [what, tls] of [
        ['another port', false],
        ['another scheme', true],
      ]) {
        it(`${status} to ${what} is an error, and nothing is sent there · ${kind.name}`, HANG, async (t) => {
          const start = servers(t);
          const authority = await trustedAuthority();
          const other = await start([], tls ? { tls: await authority.usual() } : {});
          const server = await start([redirect(status, `${other.url}${kind.path}`)]);
          const error = await rejectionOf(kind.send(clientFor(server, { ca: authority.ca })));
          assertError(error, { name: 'RefportError', code: 'UNKNOWN', status });
          assert.ok(error.message.includes(other.url), error.message);
          assert.equal(server.attempts, 1);
          assert.equal(other.connections.opened, 0);
        });
      }

      it(`${status} to another host is an error, and nothing is sent there · ${kind.name}`, HANG, async (t) => {
        const start = servers(t);
        const other = await start([]);
        const server = await start([redirect(status, `http://localhost:${other.port}${kind.path}`)]);
        assertError(await rejectionOf(kind.send(clientFor(server))), {
          name: 'RefportError',
          code: 'UNKNOWN',
          status,
        });
        assert.equal(other.connections.opened, 0);
      });

      it(`${status} to itself for ever ends · ${kind.name}`, HANG, async (t) => {
        const server = await servers(t)([], { otherwise: redirect(status, kind.path) });
        assertError(await rejectionOf(kind.send(clientFor(server))), {
          name: 'RefportError',
          code: 'UNKNOWN',
          status,
        });
        assert.ok(server.attempts <= 11, `${server.attempts} requests`);
      });

      for (const [what, location] of [
        ['without a location', undefined],
        ['with a location that is no URL', 'http://[::1'],
        ['with a location of another protocol', 'file:///etc/passwd'],
      ]) {
        it(`${status} ${what} is an error · ${kind.name}`, HANG, async (t) => {
          const server = await servers(t)([redirect(status, location)]);
          assertError(await rejectionOf(kind.send(clientFor(server))), {
            name: 'RefportError',
            code: 'UNKNOWN',
            status,
          });
          assert.equal(server.attempts, 1);
        });
      }
    }
  }

  it('a failure after a redirect is judged like any other', HANG, async (t) => {
    const script = () => [redirect(307, '/moved'), respond(500)];
    for (const kind of callKinds.filter(({ path }) => path !== '/api/embed/token')) {
      const server = await servers(t)(script(), {});
      const outcome = await kind.send(clientFor(server)).catch((error) => error);
      if (kind.repeatable) assert.deepEqual(outcome, resolved(kind.path));
      else assert.equal(outcome.status, 500);
      assert.equal(server.attempts, kind.repeatable ? 3 : 2);
    }
  });
});
