'use strict';

// What fetch leaves to its runtime cannot be an option: it is refused when the client is made, with the reason and the way
// that is left.

const assert = require('node:assert/strict');
const { it } = require('node:test');
const { installedCopy } = require('../support/installed-copy.js');

/** @param {string} options @param {Record<string, string>} [env] */
const outcome = (options, env) => async (/** @type {import('node:test').TestContext} */ t) => {
  const program = `
const { Refport, RefportValidationError } = require('refport');
try {
  new Refport({ apiKey: 'rk_1', ...${options} });
  console.log('made');
} catch (error) {
  console.log(error instanceof RefportValidationError, error.status, error.message);
}`;
  return (await installedCopy(t).run(program, { env: { REFPORT_ENGINE: 'fetch', ...env } })).stdout;
};

it('ca', async (t) => {
  assert.match(await outcome('{ ca: "-----BEGIN" }')(t), /^true 422 ca is not possible .+ NODE_EXTRA_CA_CERTS/);
});

it('proxy', async (t) => {
  const refused = await outcome('{ proxy: "http://user:hunter2@proxy.test" }')(t);
  assert.match(refused, /^true 422 proxy is not possible .+ NODE_USE_ENV_PROXY=1/);
  assert.doesNotMatch(refused, /hunter2/);
});

it('proxy: false, in a process that obeys proxy variables', async (t) => {
  const env = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'http://proxy.test' };
  assert.match(await outcome('{ proxy: false }', env)(t), /^true 422 proxy: false is not possible .+ NO_PROXY/);
});

it('http2', async (t) => {
  assert.match(await outcome('{ http2: true }')(t), /^true 422 http2 needs the native engine/);
});

it('http2: false is what happens anyway', async (t) => {
  assert.equal(await outcome('{ http2: false }')(t), 'made\n');
});

it('proxy: false is what happens anyway in any other', async (t) => {
  assert.equal(await outcome('{ proxy: false }')(t), 'made\n');
});
