'use strict';

// What each test runner runs: a call, a typed error, and the error's class across both entries.

const assert = require('node:assert/strict');
const { Refport, RefportError, RefportValidationError } = require('refport');
const results = require('refport/result');
const { createSandbox } = require('refport/testing');

/** @param {() => void} [prepare] runs when the sandbox is there */
async function calls(prepare) {
  const sandbox = await createSandbox();
  prepare?.();
  const options = { apiKey: sandbox.apiKey, baseUrl: sandbox.url };
  const params = { clickId: sandbox.clickId, eventName: 'Sign up', customerExternalId: 'user_1' };
  try {
    const lead = await new Refport(options).track.lead(params);
    assert.equal(lead?.click.id, sandbox.clickId);
    const call = new Refport(options).track.lead({ ...params, clickId: 'unknown' });
    const error = await call.then(
      () => assert.fail('it did not fail'),
      (thrown) => thrown,
    );
    assert.ok(error instanceof RefportValidationError && error instanceof RefportError && error instanceof Error);
    assert.ok((await new results.Refport(options).track.lead(/** @type {any} */ ({}))).error instanceof RefportError);
  } finally {
    await sandbox.close();
  }
}

module.exports = { calls };
