'use strict';

// NODE_DEBUG=refport: one line a call on standard error, without the key and without anything about a customer.

const assert = require('node:assert/strict');
const { describe, it } = require('node:test');
const { runNode } = require('../support/run-node.js');
const { startSandbox } = require('../support/sandbox.js');

const SECRET = /rk_s3cr3t|click_s3cr3t|user_s3cr3t|s3cr3t@example\.com|S3cr3t Agent|inv_s3cr3t/;

/** @param {import('node:test').TestContext} t @param {Record<string, string>} env */
async function debugged(t, env) {
  const { sandbox } = await startSandbox(t, { apiKeys: ['rk_s3cr3t'], clicks: ['click_s3cr3t'] });
  sandbox.fail({ on: 'sale', status: 503 });
  sandbox.reply({ on: 'token', status: 422, body: { error: { message: 'No partner s3cr3t@example.com' } } });
  return runNode('debug-log.js', { url: sandbox.url, apiKey: sandbox.apiKey, clickId: 'click_s3cr3t' }, { env });
}

describe('NODE_DEBUG=refport', () => {
  it('tells how each call ended', async (t) => {
    const { code, stdout, stderr } = await debugged(t, { NODE_DEBUG: 'refport' });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    assert.deepEqual(
      stderr
        .trim()
        .replace(/\d+ ms/g, '# ms')
        .replace(/REFPORT \d+/g, 'REFPORT #')
        .split('\n'),
      [
        'REFPORT #: POST /api/track/lead: status 200, attempt 1, # ms',
        'REFPORT #: POST /api/track/sale: status 200, attempt 2, # ms',
        'REFPORT #: POST /api/embed/token: status 422, attempt 1, # ms',
      ],
    );
    assert.doesNotMatch(stderr, SECRET);
  });

  it('shows nobody in all of NODE_DEBUG either', async (t) => {
    const { code, stdout, stderr } = await debugged(t, { NODE_DEBUG: '*' });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /REFPORT \d+/);
    assert.doesNotMatch(stdout + stderr, SECRET);
  });

  it('says nothing without being asked', async (t) => {
    const { code, stdout, stderr } = await debugged(t, { NODE_DEBUG: 'http' });
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /REFPORT/);
  });
});
