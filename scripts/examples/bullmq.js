'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { install } = require('./packages.js');
const { serve } = require('./processes.js');
const { startRedis } = require('./redis.js');
const { checkReports, goShopping, reportTo, withSandbox } = require('./shop.js');

/**
 * The shop closes before a worker is there, and the API refuses at first: the queue has to remember and to repeat.
 *
 * @type {import('./examples.js').Check}
 */
async function checkBullmq(packages) {
  const copy = await install('bullmq', packages);
  const data = path.join(copy, 'redis');
  fs.mkdirSync(data);
  const redis = await startRedis(data);
  const env = { REDIS_URL: redis.redisUrl };

  const server = await serve(copy, env);
  const visited = await goShopping(server);
  await server.stop();

  await withSandbox(async (sandbox) => {
    sandbox.fail({ on: 'lead', status: 429, retryAfter: 1 });
    // Recorded, but the worker does not learn of it.
    sandbox.drop({ on: 'sale', when: 'after' });
    const worker = await serve(copy, { ...reportTo(sandbox), ...env }, { script: 'start:worker', ready: /Waiting/ });
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
  await redis.stop();
  return 'one lead, one sale, each at the second attempt of the queue';
}

module.exports = { checkBullmq };
