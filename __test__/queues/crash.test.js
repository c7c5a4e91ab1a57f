'use strict';

// Workers that are killed, a store that crashes, a network that is cut, an API that counts and then fails: nothing that
// was recorded is lost, nothing but an invoice is sent twice, every invoice arrives. SEED repeats a run's choices.

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const { startChaoticApi } = require('../support/stores/chaotic-api.js');
const { clientFor } = require('../support/refport-client.js');
const { all } = require('../support/outbox-conformance/setting.js');
const { stores } = require('../support/stores/stores.js');
const { loadSource } = require('../support/source.js');
const { startTcpProxy } = require('../support/stores/tcp-proxy.js');
const { startWorker } = require('../support/stores/workers.js');

const { createRandom } = loadSource('sandbox/random.ts');
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const ENTRIES = 240;
const ROUNDS = 12;
/** Longer than an entry waits that has failed a few times, and than a dead worker's jobs are held. */
const TIMEOUT = 240_000;

/** @param {number} i */
function conversion(i) {
  const common = { clickId: 'click_1', customerExternalId: `user_${i % 40}`, metadata: { id: `id_${i}` } };
  if (i % 3 === 0) return { id: `id_${i}`, call: 'lead', params: { ...common, eventName: 'Sign up' } };
  const params = { ...common, amount: 4900, ...(i % 3 === 1 && { invoiceId: `in_${i}` }) };
  return { id: `id_${i}`, call: 'sale', params };
}

/**
 * Records as a careful caller does: what fails is recorded again under the same id.
 *
 * @param {any} outbox of either store
 * @param {ReturnType<typeof conversion>} conversion
 */
async function record(outbox, { id, call, params }) {
  for (;;) {
    try {
      return await outbox.track[call](params, { id });
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'OUTBOX_FAILED') throw error;
      await sleep(50);
    }
  }
}

for (const store of stores) {
  describe(store.name, () => {
    test(`keeps its promises through crashes (SEED=${SEED})`, { timeout: 400_000 }, async (t) => {
      const random = createRandom(SEED);
      const api = await startChaoticApi(random);
      t.after(() => api.close());
      const server = await store.start();
      t.after(() => server.stop());
      const proxy = await startTcpProxy(server.port);
      t.after(() => proxy.close());
      const direct = store.optionsFor(server.url, 'crash');
      const proxied = store.optionsFor(server.url.replace(String(server.port), String(proxy.port)), 'crash');
      const outbox = store.open(clientFor(api), { ...direct, role: 'producer' });
      t.after(() => outbox.close({ timeout: 0 }));
      await outbox.stats();

      const start = (/** @type {object} */ options) => startWorker({ store: store.name, options, url: api.url });
      const workers = await Promise.all([start(direct), start(proxied)]);
      t.after(() => Promise.all(workers.map((worker) => worker.kill())));

      const conversions = Array.from({ length: ENTRIES }, (_, i) => conversion(i));
      const recording = (async () => {
        for (const one of conversions) {
          await record(outbox, one);
          await sleep(random() * 40);
        }
      })();
      for (let round = 0; round < ROUNDS; round += 1) {
        await sleep(200 + random() * 600);
        const victim = random() < 0.5 ? 0 : 1;
        await workers[victim].kill();
        workers[victim] = await start(victim === 0 ? direct : proxied);
        if (round === 4) {
          proxy.cut();
          await sleep(1000);
          proxy.mend();
        }
        if (round === 8) await server.restart('SIGKILL');
      }
      await recording;
      api.isWell = true;
      await Promise.race([
        outbox.drained({ signal: AbortSignal.timeout(TIMEOUT) }),
        ...workers.map(({ failure }) => failure),
      ]);

      const parked = await all(outbox.parked());
      const reasons = new Map(parked.map(({ id, reason }) => [id, reason]));
      for (const { id, params } of conversions) {
        const times = api.counted.get(id) ?? 0;
        assert.ok(times > 0 || reasons.has(id), `${id} is lost`);
        assert.ok(times <= 1, `${id} was counted ${times} times`);
        if ('invoiceId' in params) assert.equal(times, 1, `${id} did not arrive`);
      }
      const ambiguous = [...reasons.values()].filter((reason) => reason === 'ambiguous').length;
      assert.equal(ambiguous, reasons.size);
      assert.ok(reasons.size < ENTRIES / 2, `${reasons.size} are parked`);
      t.diagnostic(`${api.counted.size} of ${ENTRIES} counted, ${reasons.size} parked`);
    });
  });
}
