'use strict';

// An option that cannot be meant is refused where it is given, by name, and before anything is sent.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { inspect } = require('node:util');
const { Refport, RefportValidationError } = require('refport');
const { callKinds } = require('../support/call-kinds.js');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { API_KEY, assertError, clientFor, rejectionOf } = require('../support/refport-client.js');

const refused = { name: 'RefportValidationError', code: 'VALIDATION_ERROR', status: 422 };

const notCounts = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', true, {}, []];
const headerValues = [
  'x',
  7,
  [],
  { 'bad name': 'x' },
  { '': 'x' },
  { A: 'line\nbreak' },
  { A: 'nul\0' },
  { A: {} },
  { A: 1 },
];

const ofClient = {
  timeout: [...notCounts.filter((value) => value !== 1.5), 0],
  maxRetries: notCounts,
  maxConnections: [0, ...notCounts],
  http2: ['yes', 1, 0, {}, []],
  headers: headerValues,
  proxy: [true, 7, {}, '', 'no url', 'ftp://proxy.test', 'socks5://127.0.0.1:1', 'http://'],
  ca: [7, true, {}, '', 'no PEM', [7], ['no PEM'], '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  baseUrl: [7, {}, '', 'no url', 'ftp://api.test', '/relative', 'http://'],
};

const ofCall = {
  timeout: ofClient.timeout,
  maxRetries: notCounts,
  headers: headerValues,
  signal: [7, 'x', true, {}, { aborted: true }, { aborted: false, addEventListener() {} }, new AbortController()],
  retryAmbiguous: ['yes', 1, {}, []],
};

describe('options of the client', () => {
  for (const [option, values] of Object.entries(ofClient)) {
    for (const value of values) {
      it(`${option}: ${inspect(value, { compact: true, breakLength: 1000 })}`, () => {
        assert.throws(
          () => new Refport({ apiKey: API_KEY, [option]: value }),
          (error) => {
            assert.ok(error instanceof RefportValidationError, inspect(error));
            assertError(error, { ...refused, message: new RegExp(`\\b${option}\\b`) });
            assert.equal(error.attempts, 0);
            assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(API_KEY));
            return true;
          },
        );
      });
    }
  }

  it('undefined means the default for every one of them', () => {
    for (const option of Object.keys(ofClient)) new Refport({ apiKey: API_KEY, [option]: undefined });
  });

  it('credentials in a proxy that is refused are not repeated', () => {
    for (const proxy of ['ftp://user:hunter2@proxy.test', 'http://user:hunter2@', 'socks5://user:hunter2@proxy.test']) {
      assert.throws(
        () => new Refport({ apiKey: API_KEY, proxy }),
        (error) => error instanceof RefportValidationError && !inspect(error).includes('hunter2'),
      );
    }
  });
});

describe('options of a call', { concurrency: true }, () => {
  for (const kind of callKinds) {
    it(`are refused by name, and nothing is sent · ${kind.name}`, HANG, async (t) => {
      const server = await startFaultServer();
      t.after(() => server.close());
      const client = clientFor(server);
      for (const [option, values] of Object.entries(ofCall)) {
        if (option === 'retryAmbiguous' && kind.name.includes(option)) continue;
        for (const value of values) {
          const error = await rejectionOf(kind.send(client, { [option]: value }));
          assertError(error, { ...refused, message: new RegExp(`\\b${option}\\b`) });
          assert.equal(error.attempts, 0);
        }
      }
      assert.equal(server.connections.opened, 0);
    });

    it(`undefined means the client's for every one of them · ${kind.name}`, HANG, async (t) => {
      const server = await startFaultServer();
      t.after(() => server.close());
      await kind.send(clientFor(server), Object.fromEntries(Object.keys(ofCall).map((option) => [option, undefined])));
      await kind.send(clientFor(server), undefined);
      assert.equal(server.attempts, 2);
    });
  }

  it('must be an object', HANG, async (t) => {
    const server = await startFaultServer();
    t.after(() => server.close());
    const client = clientFor(server);
    const params = { clickId: 'c', customerExternalId: 'u', amount: 1 };
    for (const options of /** @type {any[]} */ ([7, 'x', true, () => {}, Symbol('x')])) {
      assertError(await rejectionOf(client.track.sale(params, options)), { ...refused, message: /options/ });
    }
    assert.equal(server.connections.opened, 0);
  });

  it('are rejected, never thrown, also when reading one throws', HANG, async (t) => {
    const server = await startFaultServer();
    t.after(() => server.close());
    const hostile = {
      /** @returns {number} */
      get timeout() {
        throw new Error('no');
      },
    };
    const error = await rejectionOf(clientFor(server).embedTokens.create({ tenantId: 't' }, hostile));
    assert.ok(error);
  });
});
