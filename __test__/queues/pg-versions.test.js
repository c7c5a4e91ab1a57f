'use strict';

// The versions of pg-boss that work, and what becomes of the others.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { installedCopy } = require('../support/installed-copy.js');
const { ok, refused, startApi } = require('../support/outbox-conformance/setting.js');
const { pgSetting } = require('../support/stores/pg-setting.js');
const { FOLDER, queuePackages } = require('../support/stores/queue-packages.js');

/** Records, delivers in order, waits, parks, decides. @param {string} apiUrl @param {string} postgres */
const program = (apiUrl, postgres) => `
  const { Refport } = require('refport');
  const { PgOutbox } = require('refport/outbox/pg-boss');
  const { once } = require('node:events');
  (async () => {
    const client = new Refport({ apiKey: 'rp_key', baseUrl: ${JSON.stringify(apiUrl)} });
    const outbox = new PgOutbox(client, { connectionString: ${JSON.stringify(postgres)} });
    const lead = (i, clickId = 'click_1') => ({ clickId, eventName: 'Sign up', customerExternalId: 'user_' + (i % 3), metadata: { i } });
    const paused = once(outbox, 'paused');
    await Promise.all(Array.from({ length: 12 }, (_, i) => outbox.track.lead(lead(i), { id: 'lead_' + i })));
    await paused;
    await outbox.track.lead(lead(0, 'unknown'), { id: 'unknown' });
    await outbox.track.lead(lead(0), { id: 'held', deliverAfter: 60_000 });
    await outbox.drained();
    const parked = [];
    for await (const { id, reason } of outbox.parked()) parked.push([id, reason]);
    const { duplicate } = await outbox.track.lead(lead(1), { id: 'lead_1' });
    const discarded = [await outbox.discard('held'), await outbox.discard('unknown')];
    const { oldest, ...stats } = await outbox.stats();
    await outbox.close();
    console.log(JSON.stringify({ parked, duplicate, discarded, stats }));
  })();`;

describe('PgOutbox with pg-boss', () => {
  const setting = pgSetting();

  /** @param {import('node:test').TestContext} t @param {string} packageFolder */
  function copyWith(t, packageFolder) {
    const copy = installedCopy(t);
    fs.symlinkSync(packageFolder, path.join(copy.project, 'node_modules/pg-boss'), 'dir');
    return copy;
  }

  for (const version of ['12.11', '12.18', '12.26', '12.33', 'of the development dependencies']) {
    test(version, { timeout: 300_000 }, async (t) => {
      queuePackages();
      const installed = path.join(FOLDER, `node_modules/pg-boss-${version}`);
      const copy = copyWith(
        t,
        fs.existsSync(installed) ? installed : path.resolve(FOLDER, '../../../node_modules/pg-boss'),
      );
      const api = await startApi(t, (request, { clickId }) => {
        if (api.requests.length === 1) return refused(429, 'LIMIT', { 'Retry-After': '1' });
        return clickId === 'unknown' ? refused(422) : ok(request);
      });
      const name = `versions_${version.replace(/\W/g, '_')}`;
      await setting.query(`CREATE DATABASE ${name}`);
      const { stdout, stderr } = await copy.run(program(api.url, setting.server.url.replace(/postgres$/, name)));
      assert.ok(stdout, stderr);
      assert.deepEqual(JSON.parse(stdout), {
        parked: [['unknown', 'rejected']],
        duplicate: true,
        discarded: [true, true],
        stats: { pending: 0, held: 0, sending: 0, parked: 0, foreign: 0 },
      });
      const leads = api.bodies().filter(({ clickId }) => clickId === 'click_1');
      for (const user of ['user_0', 'user_1', 'user_2']) {
        const order = leads
          .filter(({ customerExternalId }) => customerExternalId === user)
          .map(({ metadata }) => metadata.i);
        assert.deepEqual(
          [...new Set(order)],
          [...new Set(order)].toSorted((a, b) => a - b),
        );
      }
    });
  }

  test('10 ends in an error that names both versions', async (t) => {
    queuePackages();
    const copy = copyWith(t, path.join(FOLDER, 'node_modules/pg-boss-10'));
    const { stdout } = await copy.run(`
      const { PgOutbox } = require('refport/outbox/pg-boss');
      try { new PgOutbox(null, { connectionString: 'postgres://127.0.0.1:9/x' }); } catch (e) { console.log(e.code, e.name, e.message); }`);
    assert.match(
      stdout,
      /^MISSING_DEPENDENCY RefportError refport\/outbox\/pg-boss needs pg-boss ≥ 12\.11, found 10\.4\.2/,
    );
  });

  test('13, which nobody has tried, does too', async (t) => {
    const copy = installedCopy(t);
    const folder = path.join(copy.project, 'node_modules/pg-boss');
    fs.mkdirSync(folder);
    fs.writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: 'pg-boss', version: '13.0.0', main: 'index.js' }),
    );
    fs.writeFileSync(path.join(folder, 'index.js'), 'exports.PgBoss = class {};');
    const { stdout } = await copy.run(`
      const { PgOutbox } = require('refport/outbox/pg-boss');
      try { new PgOutbox(null, { connectionString: 'postgres://127.0.0.1:9/x' }); } catch (e) { console.log(e.code, e.message); }`);
    assert.match(
      stdout,
      /^MISSING_DEPENDENCY refport\/outbox\/pg-boss needs pg-boss 12\.11 or a later 12, found 13\.0\.0/,
    );
  });
});
