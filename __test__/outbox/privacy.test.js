'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const { inspect } = require('node:util');
const { runNode } = require('../support/run-node.js');
const { lead, ok, openOutbox, refused, sale, startApi, temporaryFolder } = require('../support/outbox.js');
const { API_KEY } = require('../support/refport-client.js');

/** Everything in the outbox's files. */
const contents = (/** @type {string} */ folder) =>
  fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.isFile())
    .map(({ name }) => fs.readFileSync(path.join(folder, name), 'latin1'))
    .join('\n');

describe('privacy', { skip: process.platform === 'win32' && 'files have no modes there' }, () => {
  test('its files are readable by their owner only, and so are the folders it makes', async (t) => {
    const folder = path.join(temporaryFolder(t), 'a', 'b');
    const previous = process.umask(0);
    t.after(() => process.umask(previous));
    const outbox = openOutbox(t, await startApi(t), { file: path.join(folder, 'outbox.db') });
    await outbox.track.lead(lead());
    const modes = fs.readdirSync(folder).map((name) => [name, fs.statSync(path.join(folder, name)).mode & 0o777]);
    assert.deepEqual(modes, [
      ['outbox.db', 0o600],
      ['outbox.db-lock', 0o600],
      ['outbox.db-shm', 0o600],
      ['outbox.db-sock', 0o600],
      ['outbox.db-wal', 0o600],
    ]);
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
    assert.equal(fs.statSync(path.dirname(folder)).mode & 0o777, 0o700);
    await outbox.close();
    fs.chmodSync(outbox.file, 0o644);
    const again = openOutbox(t, await startApi(t), { file: outbox.file });
    await again.stats();
    assert.equal(fs.statSync(outbox.file).mode & 0o777, 0o600, 'a restored file is closed again');
  });

  test('its files can be used whatever the umask takes away', async (t) => {
    const folder = path.join(temporaryFolder(t), 'a');
    const api = await startApi(t);
    const file = path.join(folder, 'outbox.db');
    const previous = process.umask(0o777);
    t.after(() => process.umask(previous));
    const outbox = openOutbox(t, api, { file });
    await outbox.track.lead(lead());
    await outbox.drained();
    process.umask(previous);
    const modes = fs.readdirSync(folder).map((name) => [name, fs.statSync(path.join(folder, name)).mode & 0o777]);
    assert.deepEqual(
      modes.filter(([name, mode]) => !String(name).endsWith('-sock') && mode !== 0o600),
      [],
    );
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
    assert.equal(fs.statSync(`${file}-sock`).mode & 0o777, 0o600);
  });

  test('the key is in no file and in nothing that is printed', async (t) => {
    const api = await startApi(t, ({ headers }) => refused(401, headers.authorization));
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead('secret customer'));
    const [{ error }] = await new Promise((resolve) => outbox.once('paused', (...args) => resolve(args)));
    const texts = [
      contents(path.dirname(outbox.file)),
      inspect(outbox, { depth: 9, showHidden: true }),
      inspect(error),
    ];
    for (const text of texts) assert.ok(!text.includes(API_KEY));
    assert.ok(texts[0].includes('secret customer'));
  });

  test('what was delivered or discarded is gone from the files', async (t) => {
    const api = await startApi(t, (request) =>
      JSON.parse(request.body.toString()).clickId === 'unknown' ? refused(400) : ok(request),
    );
    const outbox = openOutbox(t, api);
    const folder = path.dirname(outbox.file);
    await outbox.track.sale(sale('delivered customer', { invoiceId: 'delivered invoice' }));
    await outbox.track.lead(lead('discarded customer', { clickId: 'unknown' }), { id: 'discarded id' });
    await outbox.drained();
    assert.ok(contents(folder).includes('discarded customer'));
    await outbox.discard('discarded id');
    const personal = /(delivered|discarded) (customer|invoice|id)/;
    const start = performance.now();
    while (personal.test(contents(folder)) && performance.now() - start < 10_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.doesNotMatch(contents(folder), personal);
  });

  test('entries of another key stay, and are sent with the new one only if it adopts them', async (t) => {
    const api = await startApi(t, () => refused(401));
    const outbox = openOutbox(t, api);
    await outbox.track.lead(lead());
    await outbox.close();
    api.answer = ok;
    const another = { url: api.url, file: outbox.file, afterwards: 'drain', client: { apiKey: 'another_key' } };
    const sent = api.requests.length;
    await runNode('outbox.js', another);
    assert.equal(api.requests.length, sent);
    const { stdout } = await runNode('outbox.js', { ...another, options: { adopt: true } });
    assert.ok(stdout.includes('delivered'));
    assert.equal(api.requests.at(-1)?.headers.authorization, 'Bearer another_key');
  });
});
