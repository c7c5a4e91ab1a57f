'use strict';

// Options that nobody reads do not go unnoticed: { baseURL: sandbox.url } would send test data to production.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { describe, it } = require('node:test');
const { Refport, RefportValidationError } = require('refport');
const { HANG } = require('../support/fault-table.js');
const { startFaultServer } = require('../support/fault-server.js');
const { API_KEY, clientFor, rejectionOf } = require('../support/refport-client.js');

const sale = { clickId: 'c', customerExternalId: 'u', amount: 1 };

const meantForClient = {
  baseURL: 'baseUrl',
  base_url: 'baseUrl',
  endpoint: 'baseUrl',
  apikey: 'apiKey',
  'api-key': 'apiKey',
  API_KEY: 'apiKey',
  timeOut: 'timeout',
  timeoutMs: 'timeout',
  retries: 'maxRetries',
  max_retries: 'maxRetries',
  Headers: 'headers',
  proxyUrl: 'proxy',
  CA: 'ca',
  maxSockets: 'maxConnections',
  allowH2: 'http2',
};

const meantForCall = {
  timeOut: 'timeout',
  retries: 'maxRetries',
  Signal: 'signal',
  abortSignal: 'signal',
  retry_ambiguous: 'retryAmbiguous',
  header: 'headers',
};

describe('an option that is almost one of those there are', () => {
  for (const [given, meant] of Object.entries(meantForClient)) {
    it(`is refused by the client: ${given}`, () => {
      assert.throws(
        () => new Refport({ apiKey: API_KEY, [given]: 'x' }),
        (error) => {
          assert.ok(error instanceof RefportValidationError);
          assert.equal(error.message, `${given} is not an option of new Refport(): did you mean ${meant}?`);
          return true;
        },
      );
    });
  }

  it('is refused before the key is missed', () => {
    assert.throws(() => new Refport(/** @type {any} */ ({ apikey: API_KEY })), /did you mean apiKey\?$/);
  });

  for (const [given, meant] of Object.entries(meantForCall)) {
    it(`is refused by a call, and nothing is sent: ${given}`, HANG, async (t) => {
      const server = await startFaultServer();
      t.after(() => server.close());
      const error = await rejectionOf(clientFor(server).track.sale(sale, { [given]: 1 }));
      assert.ok(error instanceof RefportValidationError);
      assert.equal(error.message, `${given} is not an option of a call: did you mean ${meant}?`);
      assert.equal(server.connections.opened, 0);
    });
  }

  it('is let pass where it is undefined', () => {
    new Refport(/** @type {any} */ ({ apiKey: API_KEY, retries: undefined }));
  });
});

describe('any other option', () => {
  it('is one process warning per name', () => {
    const program = `
      const { Refport } = require(${JSON.stringify(path.resolve(__dirname, '../..'))});
      const warnings = [];
      process.on('warning', ({ name, code, message }) => warnings.push([name, code, message.split(',')[0]]));
      const config = { apiKey: 'key', baseUrl: 'http://127.0.0.1:1', flavour: 1, secretly: undefined };
      const clients = [new Refport(config), new Refport({ ...config, colour: 2 })];
      const calls = clients.map((client) => client.track.sale(${JSON.stringify(sale)}, { maxRetries: 0, flavour: 1, baseUrl: 'x' }));
      Promise.allSettled(calls).then(() => console.log(JSON.stringify(warnings)));`;
    const output = execFileSync(process.execPath, ['--no-warnings', '--eval', program], { encoding: 'utf8' });
    assert.deepEqual(
      JSON.parse(output),
      [
        '"flavour" is not an option of new Refport()',
        '"colour" is not an option of new Refport()',
        '"flavour" is not an option of a call',
        '"baseUrl" is not an option of a call',
      ].map((message) => ['Warning', 'REFPORT_UNKNOWN_OPTION', message]),
    );
  });
});
