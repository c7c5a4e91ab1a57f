'use strict';

const { createSandbox } = require('refport/testing');

/**
 * A sandbox that is closed when the test is over, and a plain client of it: no part of the SDK.
 *
 * @param {import('node:test').TestContext} t
 * @param {import('refport/testing').SandboxOptions} [options]
 */
async function startSandbox(t, options) {
  const sandbox = await createSandbox(options);
  t.after(() => sandbox.close());

  /**
   * @param {string} path
   * @param {unknown} body sent as JSON, or as it is if it is a string
   * @param {RequestInit} [init]
   */
  async function post(path, body, init = {}) {
    const response = await fetch(sandbox.url + path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
      headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json', ...init.headers },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  return {
    sandbox,
    post,
    /** @param {object} [params] */
    lead: (params) => post('/api/track/lead', { ...LEAD, ...params }),
    /** @param {object} [params] */
    sale: (params) => post('/api/track/sale', { ...SALE, ...params }),
    /** @param {object} [params] */
    token: (params) => post('/api/embed/token', { tenantId: 'ada', ...params }),
  };
}

/**
 * For options that should be refused: a sandbox that starts nevertheless must not keep the process alive.
 *
 * @param {import('refport/testing').SandboxOptions} options
 */
async function startBriefly(options) {
  const sandbox = await createSandbox(options);
  await sandbox.close();
}

const LEAD = { clickId: 'click_1', eventName: 'Sign up', customerExternalId: 'user_1' };
const SALE = { clickId: 'click_1', customerExternalId: 'user_1', amount: 4900 };

module.exports = { startSandbox, startBriefly, LEAD, SALE };
