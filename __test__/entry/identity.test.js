'use strict';

// An error is an instance of its class, whichever way the class and the client that threw it were loaded.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { startRecordingServer } = require('../support/recording-server.js');
const { API_KEY } = require('../support/refport-client.js');

const failures = {
  401: 'RefportAuthError',
  400: 'RefportValidationError',
  404: 'RefportNotFoundError',
  429: 'RefportRateLimitError',
  500: 'RefportError',
};

/** Every way to the package. */
const ways = {
  "require('refport')": async () => require('refport'),
  "import('refport')": () => import('refport'),
  "require('refport/result')": async () => require('refport/result'),
  "import('refport/result')": () => import('refport/result'),
};

describe('classes are the same', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer(({ headers }) => ({ status: Number(headers['x-status']) }));
  });
  after(() => server.close());

  for (const [thrower, load] of Object.entries(ways)) {
    for (const [catcher, loadOther] of Object.entries(ways)) {
      it(`client by ${thrower}, classes by ${catcher}`, async () => {
        const { Refport } = await load();
        /** @type {Record<string, any>} */
        const classes = await loadOther();
        const client = new Refport({ apiKey: API_KEY, baseUrl: server.url, maxRetries: 0 });
        const failureOf = (/** @type {Promise<any>} */ call) =>
          call.then(
            ({ error }) => error,
            (error) => error,
          );
        for (const [status, name] of Object.entries(failures)) {
          const error = await failureOf(
            client.embedTokens.create({ tenantId: 't' }, { headers: { 'X-Status': status } }),
          );
          assert.equal(error.constructor, classes[name]);
          assert.ok(error instanceof classes.RefportError);
        }
        assert.ok(
          (await failureOf(client.track.lead(/** @type {any} */ ({})))) instanceof classes.RefportValidationError,
        );
        assert.throws(() => new Refport({ apiKey: '' }), classes.RefportAuthError);
      });
    }
  }

  it('clients of one entry are instances of its class, loaded either way', async () => {
    for (const entry of ['refport', 'refport/result']) {
      const [required, imported] = [require(entry), await import(entry)];
      assert.ok(new required.Refport({ apiKey: API_KEY }) instanceof imported.Refport);
      assert.ok(new imported.Refport({ apiKey: API_KEY }) instanceof required.Refport);
    }
  });
});
