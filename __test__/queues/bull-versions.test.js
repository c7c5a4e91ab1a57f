'use strict';

// BullMQ and ioredis of other majors than the development dependencies: what works there, and what is named.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { installedCopy } = require('../support/installed-copy.js');
const { ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { FOLDER, queuePackages } = require('../support/stores/queue-packages.js');
const { startRedis } = require('../support/stores/redis.js');

/** Records, delivers, parks; then BullMQ retries and promotes, as its dashboards do. @param {string} url @param {number} port */
const program = (url, port) => `
  const { once } = require('node:events');
  const { Queue } = require('bullmq');
  const { Refport } = require('refport');
  const { BullOutbox } = require('refport/outbox/bullmq');
  (async () => {
    const connection = { host: '127.0.0.1', port: ${port} };
    const outbox = new BullOutbox(new Refport({ apiKey: 'rp_key', baseUrl: ${JSON.stringify(url)} }), { connection });
    const queue = new Queue('refport-outbox', { connection });
    const record = (id, options) => outbox.track.lead({ clickId: 'click_1', eventName: 'Sign up', customerExternalId: id }, { id, ...options });
    await record('taken');
    await record('unknown');
    await record('held', { deliverAfter: 3_600_000 });
    await outbox.drained();
    const counts = await queue.getJobCounts('completed', 'failed', 'delayed');
    for (const job of [...(await queue.getFailed()), ...(await queue.getDelayed())]) {
      const { failedReason } = job;
      const delivered = once(outbox, 'delivered');
      await (failedReason ? job.retry() : job.promote());
      counts[(await delivered)[0].id] = failedReason;
    }
    await queue.close();
    await outbox.close();
    console.log(JSON.stringify(counts));
    // ioredis 5 keeps a timer of 15 s after the end of a connection.
    process.exit();
  })();`;

describe('BullOutbox', () => {
  /** @type {Awaited<ReturnType<typeof startRedis>>} */
  let redis;
  before(async () => {
    queuePackages();
    redis = await startRedis();
  });
  after(() => redis.stop());

  /** A copy beside these packages. @param {import('node:test').TestContext} t @param {Record<string, string>} packages */
  function copyWith(t, packages) {
    const copy = installedCopy(t);
    for (const [name, folder] of Object.entries(packages)) {
      fs.symlinkSync(path.join(FOLDER, 'node_modules', folder), path.join(copy.project, 'node_modules', name), 'dir');
    }
    return copy;
  }

  test('works with BullMQ 5 and ioredis 5', { timeout: 300_000 }, async (t) => {
    const copy = copyWith(t, { bullmq: 'bullmq-5', ioredis: 'ioredis-5' });
    const api = await startApi(t, (request, { customerExternalId }) =>
      customerExternalId === 'unknown' && api.requests.length <= 2 ? refused(422) : ok(request),
    );
    const { stdout, stderr } = await copy.run(program(api.url, redis.port));
    assert.ok(stdout, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      completed: 1,
      failed: 1,
      delayed: 1,
      unknown: 'rejected: answered 422',
    });
    assert.deepEqual(
      api
        .bodies()
        .map(({ customerExternalId }) => customerExternalId)
        .sort(),
      ['held', 'taken', 'unknown', 'unknown'],
    );
  });

  for (const [name, version, packages] of /** @type {const} */ ([
    ['bullmq', '4.18.3', { bullmq: 'bullmq-4', ioredis: 'ioredis-5' }],
    ['ioredis', '4.31.0', { bullmq: 'bullmq-5', ioredis: 'ioredis-4' }],
  ])) {
    test(`names ${name} ${version}, and what it needs`, async (t) => {
      const copy = copyWith(t, packages);
      const { stdout } = await copy.run(`
        const { BullOutbox } = require('refport/outbox/bullmq');
        try { new BullOutbox(null, { connection: { port: 1 } }); } catch (e) { console.log(e.code, e.name, e.message); }`);
      const message = `refport/outbox/bullmq needs ${name} ≥ 5.0, found ${version}: npm install bullmq ioredis`;
      assert.equal(stdout, `MISSING_DEPENDENCY RefportError ${message}\n`);
    });
  }
});
