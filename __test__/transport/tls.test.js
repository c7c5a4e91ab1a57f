'use strict';

// Failures before a request exists: nothing listens, no TLS comes about, or the certificate is wrong.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { nativeOnly } = require('../support/engine.js');
const { callKinds } = require('../support/call-kinds.js');
const faults = require('../support/fault-behaviours.js');
const { describeFaults, HANG, resolved } = require('../support/fault-table.js');
const { startFaultServer, closedPort } = require('../support/fault-server.js');
const { assertError, clientFor, rejectionOf } = require('../support/refport-client.js');
const { createAuthority, expired, trustedAuthority } = require('../support/tls-certificates.js');

/** @param {RegExp} [causeCode] */
const broken = (causeCode) => ({
  name: 'RefportConnectionError',
  code: 'CONNECTION_ERROR',
  status: 0,
  ...(causeCode && { causeCode }),
});
const trusting = async () => ({ ca: (await trustedAuthority()).ca });

/** @type {import('../support/fault-table.js').FaultRow[]} */
const rows = [
  {
    name: 'reset during the handshake',
    skip: nativeOnly('handshake'),
    fault: faults.resetOnConnect,
    retried: 'always',
    error: broken(/^ECONNRESET$/),
  },
  {
    name: 'EOF during the handshake',
    skip: nativeOnly('handshake'),
    fault: () => faults.greet('EOF', '', 'end'),
    retried: 'always',
    error: broken(),
  },
  {
    name: 'plain HTTP on a TLS port',
    skip: nativeOnly('handshake'),
    fault: () => faults.greet('plain HTTP', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    retried: 'always',
    error: broken(),
  },
  {
    name: 'a TLS alert',
    skip: nativeOnly('handshake'),
    fault: () => faults.greet('handshake_failure', Buffer.from([21, 3, 3, 0, 2, 2, 40])),
    retried: 'always',
    error: broken(),
  },
  {
    name: 'a handshake that stalls',
    skip: nativeOnly('handshake'),
    fault: faults.stallOnConnect,
    retried: 'always',
    error: { name: 'RefportTimeoutError', code: 'TIMEOUT', status: 0 },
  },
  {
    name: 'reset after reading the request',
    fault: faults.reset,
    retried: 'if repeatable',
    error: broken(/^ECONNRESET$/),
  },
  { name: 'EOF after reading the request', fault: faults.eof, retried: 'if repeatable', error: broken() },
  {
    name: 'a body cut short',
    fault: () =>
      faults.misframed('cut', (answer) => faults.head(200, { 'Content-Length': answer.length + 1 }) + answer, 'end'),
    retried: 'if repeatable',
    error: { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 200 },
  },
  {
    // Without a length the end of the connection is the end of the body, and over TLS an end without
    // `close_notify` may be an attacker's: what is no valid answer must not be taken for one.
    name: 'a body of unknown length cut short',
    skip: nativeOnly('truncation'),
    fault: () => faults.misframed('cut, no length', (answer) => faults.head(200, {}) + answer.slice(0, -1), 'reset'),
    retried: 'if repeatable',
    error: { name: 'RefportConnectionError', code: 'CONNECTION_ERROR', status: 200 },
  },
];

/**
 * @param {import('../support/fault-server.js').Fault[]} script
 * @param {import('../support/call-kinds.js').CallKind} _kind
 * @param {import('../support/fault-server.js').Fault} [otherwise]
 */
const start = async (script, _kind, otherwise) =>
  startFaultServer(script, { ...(otherwise && { otherwise }), tls: await (await trustedAuthority()).usual() });

describeFaults('TLS', rows, start, trusting);

describe('certificates', { concurrency: true }, () => {
  const wrong = [
    {
      name: 'for another host',
      issue: async () => (await trustedAuthority()).issue({ dns: ['elsewhere.test'], ip: [] }),
      causeCode: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    },
    {
      name: 'expired',
      issue: async () => (await trustedAuthority()).issue(expired),
      causeCode: /^CERT_HAS_EXPIRED$/,
    },
    {
      name: 'not valid yet',
      issue: async () => (await trustedAuthority()).issue({ notBefore: new Date(Date.now() + 3_600_000) }),
      causeCode: /^CERT_NOT_YET_VALID$/,
    },
    {
      name: 'of an unknown authority',
      issue: async () => (await createAuthority('Somebody else')).issue(),
      causeCode: /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/,
    },
  ];
  for (const { name, issue, causeCode } of wrong) {
    for (const kind of callKinds) {
      it(`${name}: final, and nothing is sent · ${kind.name}`, HANG, async (t) => {
        const server = await startFaultServer([], { tls: await issue() });
        t.after(() => server.close());
        const error = await rejectionOf(kind.send(clientFor(server, await trusting())));
        assertError(error, broken(causeCode));
        assert.equal(error.attempts, 1);
        assert.equal(server.requests.length, 0);
        assert.equal(server.connections.opened, 1);
      });
    }
  }
});

describe('nothing there', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`connection refused: tried to the end · ${kind.name}`, HANG, async () => {
      const client = clientFor({ url: `http://127.0.0.1:${await closedPort()}` }, { maxRetries: 2 });
      const error = await rejectionOf(kind.send(client));
      assertError(error, broken(/^ECONNREFUSED$/));
      assert.equal(error.attempts, 3);
    });

    it(`a server that comes up between attempts gets the call, once · ${kind.name}`, HANG, async (t) => {
      const closed = await startFaultServer();
      const { url } = closed;
      await closed.close();
      const pending = kind.send(clientFor({ url }, { maxRetries: 50 }));
      const server = await startFaultServer([], { port: Number(new URL(url).port) });
      t.after(() => server.close());
      assert.deepEqual(await pending, resolved(kind.path));
      assert.equal(server.requests.length, 1);
    });

    it(`a host that does not exist: tried to the end · ${kind.name}`, HANG, async () => {
      const client = clientFor({ url: 'http://no-such-host.invalid' }, { maxRetries: 1 });
      const error = await rejectionOf(kind.send(client));
      assertError(error, broken(/^(ENOTFOUND|EAI_AGAIN)$/));
      assert.equal(error.attempts, 2);
    });
  }
});

describe('a reset that comes before the request was read', { concurrency: true }, () => {
  // Whether the client had begun to send is up to the kernel, so either class is right; counted twice is not.
  for (const kind of callKinds) {
    it(kind.name, HANG, async (t) => {
      const server = await startFaultServer([faults.resetOnConnect()]);
      t.after(() => server.close());
      const outcome = await kind.send(clientFor(server)).then(
        (value) => ({ value }),
        (error) => ({ error }),
      );
      if (kind.repeatable || 'value' in outcome) {
        assert.deepEqual(outcome, { value: resolved(kind.path) });
        assert.equal(server.requests.length, 1);
      } else {
        assertError(outcome.error, broken());
        assert.equal(outcome.error.attempts, 1);
        assert.equal(server.requests.length, 0);
      }
    });
  }
});
