'use strict';

const assert = require('node:assert/strict');
const { startRedis } = require('../support/stores/redis.js');
const { ensureServers } = require('../../scripts/servers.js');
const { install } = require('./packages.js');
const { serve } = require('./processes.js');
const { checkReports, goShopping, reportTo, withSandbox } = require('./shop.js');

/**
 * The shop closes before a worker is there, and the API refuses at first: the outbox has to remember and to repeat.
 *
 * @type {import('./examples.js').Check}
 */
async function checkBullmq(packages) {
  const copy = await install('bullmq', packages);
  ensureServers('redis-server');
  const redis = await startRedis();
  try {
    await withSandbox(async (sandbox) => {
      const env = { ...reportTo(sandbox), REDIS_URL: redis.url };
      const server = await serve(copy, env);
      const visited = await goShopping(server);
      await server.stop();
      assert.equal(sandbox.requests.length, 0);

      sandbox.fail({ on: 'lead', status: 429, retryAfter: 1 });
      // Recorded, but the worker does not learn of it.
      sandbox.drop({ on: 'sale', when: 'after' });
      const worker = await serve(copy, env, { script: 'start:worker', ready: /Waiting/ });
      const repeated = sandbox.waitForRequest(({ call, outcome, faults }) => {
        return call === 'sale' && outcome === 'answered' && faults.length === 0;
      });
      await worker.explain(Promise.all([sandbox.waitForLead(), repeated]));
      await worker.stop();
      const [lead, sale] = ['/api/track/lead', '/api/track/sale'];
      checkReports(sandbox, visited, [lead, lead, sale, sale]);
      const [first, second] = sandbox.requests.filter(({ call }) => call === 'sale');
      assert.deepEqual(second?.json, first?.json);
    });
  } finally {
    await redis.stop();
  }
  return 'one lead, one sale, each at the second attempt of the outbox';
}

module.exports = { checkBullmq };
