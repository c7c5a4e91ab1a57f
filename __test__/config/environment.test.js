'use strict';

// What is not given comes from the environment, at the time of construction, and only then.

const assert = require('node:assert/strict');
const { after, before, describe, it } = require('node:test');
const { clientOf, endpoints, entries } = require('../support/endpoints.js');
const { withEnvironment } = require('../support/environment.js');
const { startRecordingServer } = require('../support/recording-server.js');

const [lead] = endpoints;

describe('the environment', () => {
  /** @type {Awaited<ReturnType<typeof startRecordingServer>>} */
  let server;
  before(async () => {
    server = await startRecordingServer();
  });
  after(() => server.close());

  for (const entry of entries) {
    const { Refport, RefportAuthError } = entry.sdk;

    /** What the server sees of a call by a client that is made with these variables. */
    const seen = async (/** @type {Record<string, string>} */ variables, /** @type {unknown[]} */ ...args) => {
      const client = withEnvironment(variables, () => new Refport(...args));
      server.requests.length = 0;
      const { error } = await entry.outcomeOf(lead.call(client, lead.params));
      assert.equal(error, null);
      const [{ path, headers }] = server.requests;
      return [path, headers.authorization];
    };
    const key = { REFPORT_API_KEY: 'rk_environment' };

    it(`${entry.name}: has the key and the base URL`, async () => {
      const variables = { ...key, REFPORT_BASE_URL: `${server.url}/env/` };
      for (const args of [[], [undefined], [{}], [{ apiKey: undefined, baseUrl: undefined }]]) {
        assert.deepEqual(await seen(variables, ...args), [`/env${lead.path}`, 'Bearer rk_environment']);
      }
    });

    it(`${entry.name}: loses to what is given`, async () => {
      const variables = { ...key, REFPORT_BASE_URL: `${server.url}/env` };
      const given = { apiKey: 'rk_given', baseUrl: `${server.url}/given` };
      assert.deepEqual(await seen(variables, given), [`/given${lead.path}`, 'Bearer rk_given']);
      assert.deepEqual(await seen(variables, { apiKey: 'rk_given' }), [`/env${lead.path}`, 'Bearer rk_given']);
      assert.deepEqual(await seen(variables, { baseUrl: given.baseUrl }), [
        `/given${lead.path}`,
        'Bearer rk_environment',
      ]);
    });

    it(`${entry.name}: an empty key is none, and does not stand in for one that is given badly`, () => {
      for (const value of ['', ' ', '\n']) {
        withEnvironment({ REFPORT_API_KEY: value }, () => assert.throws(() => new Refport(), RefportAuthError));
      }
      withEnvironment(key, () => {
        for (const apiKey of ['', null, 7]) assert.throws(() => new Refport({ apiKey }), RefportAuthError);
      });
    });

    it(`${entry.name}: an empty base URL is none`, () => {
      withEnvironment({ ...key, REFPORT_BASE_URL: '' }, () => new Refport());
    });

    it(`${entry.name}: is not read again`, async () => {
      const client = withEnvironment({ ...key, REFPORT_BASE_URL: server.url }, () => new Refport());
      server.requests.length = 0;
      const call = withEnvironment({ REFPORT_API_KEY: 'rk_later', REFPORT_BASE_URL: 'http://127.0.0.1:1' }, () =>
        entry.outcomeOf(lead.call(client, lead.params)),
      );
      assert.equal((await call).error, null);
      assert.equal(server.requests[0].headers.authorization, 'Bearer rk_environment');
    });

    it(`${entry.name}: a configuration can be changed after use without effect`, async () => {
      const config = { apiKey: 'rk_given', baseUrl: server.url, headers: { 'X-A': 'before' } };
      const client = new Refport(config);
      Object.assign(config, { apiKey: 'rk_changed', baseUrl: 'http://127.0.0.1:1' });
      config.headers['X-A'] = 'after';
      server.requests.length = 0;
      assert.equal((await entry.outcomeOf(lead.call(client, lead.params))).error, null);
      const [{ headers }] = server.requests;
      assert.deepEqual([headers.authorization, headers['x-a']], ['Bearer rk_given', 'before']);
    });
  }

  it('clients of both entries keep their own keys', async () => {
    server.requests.length = 0;
    await Promise.all(
      entries.map((entry) => lead.call(clientOf(entry, server, { apiKey: `rk_of_${entry.name}` }), lead.params)),
    );
    assert.deepEqual(server.requests.map(({ headers }) => headers.authorization).sort(), [
      'Bearer rk_of_refport',
      'Bearer rk_of_refport/result',
    ]);
  });
});
