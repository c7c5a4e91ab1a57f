'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { createSandbox } = require('refport/testing');
const { startBriefly, startSandbox } = require('../support/sandbox.js');
const { loadSource } = require('../support/source.js');

/** @type {typeof import('../../sandbox/records/journal.ts')} */
const { Journal } = loadSource('sandbox/records/journal.ts');

/** @param {import('node:test').TestContext} t */
function temporaryFile(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'refport-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return path.join(folder, 'sandbox.jsonl');
}

/** @param {import('refport/testing').Sandbox} sandbox */
const snapshot = ({ clicks, leads, sales, tokens, requests }) =>
  structuredClone({
    clicks: clicks.slice(2),
    leads: [...leads],
    sales: [...sales],
    tokens: [...tokens],
    requests: requests.map((request) => ({
      ...request,
      headers: { ...request.headers, authorization: request.headers.authorization && '[redacted]' },
    })),
  });

/** @param {Awaited<ReturnType<typeof startSandbox>>} client */
async function useEverything({ sandbox, lead, sale, token }) {
  await fetch(`${sandbox.url}/go/grace`, { redirect: 'manual' });
  sandbox.addClick({ id: 'click_by_hand', link: null });
  await lead({ clickId: sandbox.clicks[2].id, customerName: 'Al' });
  await lead({ clickId: 'click_by_hand' });
  await sale({ invoiceId: 'in_1', metadata: { nested: ['ü', '\u2028'] } });
  await sale({ amount: 'x' });
  sandbox.fail({ status: 503, when: 'after' });
  await sale({ amount: 7 });
  sandbox.drop({ when: 'after' });
  await assert.rejects(sale({ amount: 8 }));
  await token();
}

test('a sandbox goes on where an earlier one with the same file ended', async (t) => {
  const data = temporaryFile(t);
  const first = await startSandbox(t, { data });
  await useEverything(first);
  const before = snapshot(first.sandbox);
  assert.deepEqual(
    [before.clicks.length, before.leads.length, before.sales.length, before.tokens.length],
    [2, 2, 3, 1],
  );
  await first.sandbox.close();

  const second = await startSandbox(t, { data });
  assert.deepEqual(snapshot(second.sandbox), before);
  assert.deepEqual((await second.sale({ invoiceId: 'in_1', amount: 1 })).body, before.sales[0].response);
  const { body } = await second.sale({ invoiceId: 'in_2' });
  assert.deepEqual([body.sale.id, body.customer.name], ['sale_4', 'Al']);
  assert.equal(second.sandbox.requests.at(-1)?.id, before.requests.length + 2);
});

test('what was acknowledged is on the disk at that moment', async (t) => {
  const data = temporaryFile(t);
  const { sandbox, sale } = await startSandbox(t, { data });
  for (let amount = 1; amount <= 20; amount++) {
    await sale({ amount });
    const { entries, journal } = await Journal.open(data);
    await journal.close();
    assert.deepEqual(
      entries.flatMap(({ sale: kept }) => kept?.params.amount ?? []),
      sandbox.sales.map(({ params }) => params.amount),
    );
    assert.equal(entries.filter(({ request }) => request?.outcome === 'answered').length, amount);
  }
});

test('a sale that waits for its answer is safe once its repetition is acknowledged', async (t) => {
  const data = temporaryFile(t);
  const { sandbox, sale } = await startSandbox(t, { data });
  sandbox.delay({ ms: 60_000 });
  sale({ invoiceId: 'in_1' }).catch(() => {});
  await sandbox.waitForSale();
  await sale({ invoiceId: 'in_1' });
  const { entries, journal } = await Journal.open(data);
  await journal.close();
  assert.equal(entries.filter((entry) => entry.sale).length, 1);
});

test('many calls at once are all kept', async (t) => {
  const data = temporaryFile(t);
  const first = await startSandbox(t, { data });
  await Promise.all(Array.from({ length: 100 }, (_, index) => first.sale({ amount: index })));
  await first.sandbox.close();
  const second = await startSandbox(t, { data });
  const amounts = second.sandbox.sales.map(({ params }) => params.amount);
  assert.deepEqual(
    amounts.sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, index) => index),
  );
});

test('a last line that a crash left incomplete is cut off, wherever it was torn', async (t) => {
  const data = temporaryFile(t);
  const first = await startSandbox(t, { data });
  await first.sale({ amount: 1 });
  await first.sale({ amount: 2, metadata: { name: 'Zoë' } });
  await first.sandbox.close();
  const whole = fs.readFileSync(data);
  const lines = whole.toString().split('\n');
  const lastSale = Buffer.byteLength(lines.slice(0, 3).join('\n')) + 1;
  for (let length = lastSale; length < whole.length; length += 7) {
    fs.writeFileSync(data, whole.subarray(0, length));
    const torn = await createSandbox({ data });
    const known = torn.sales.length;
    await torn.close();
    const text = fs.readFileSync(data, 'utf8');
    assert.ok(text.endsWith('\n') && whole.toString().startsWith(text));
    assert.equal(known, (text.match(/^{"sale":/gm) ?? []).length);
  }
});

test('a file that was torn goes on to be used', async (t) => {
  const data = temporaryFile(t);
  fs.writeFileSync(data, '{"refport-san');
  const first = await startSandbox(t, { data });
  await first.sale();
  await first.sandbox.close();
  fs.appendFileSync(data, '{"sale":{"id":2,"par');
  const second = await startSandbox(t, { data });
  await second.sale({ amount: 2 });
  await second.sandbox.close();
  const third = await startSandbox(t, { data });
  assert.deepEqual(
    third.sandbox.sales.map(({ params }) => params.amount),
    [4900, 2],
  );
});

test('reset empties the file', async (t) => {
  const data = temporaryFile(t);
  const first = await startSandbox(t, { data });
  await first.sale({ amount: 1 });
  first.sandbox.reset();
  await first.sale({ amount: 2 });
  await first.sandbox.close();
  const second = await startSandbox(t, { data });
  assert.deepEqual(
    second.sandbox.sales.map(({ id, params }) => [id, params.amount]),
    [[1, 2]],
  );
});

test('a file that is something else is left alone', async (t) => {
  const data = temporaryFile(t);
  fs.writeFileSync(data, '{"name":"my-app"}\n');
  await assert.rejects(startBriefly({ data }), { code: 'INVALID_OPTION', message: /no data file of the sandbox/ });
  assert.equal(fs.readFileSync(data, 'utf8'), '{"name":"my-app"}\n');
});

test('damage in the middle is told, with its line', async (t) => {
  const data = temporaryFile(t);
  const { sandbox, sale } = await startSandbox(t, { data });
  await sale();
  await sandbox.close();
  const text = fs.readFileSync(data, 'utf8');
  fs.writeFileSync(data, text.replace('"amount":4900', '"amount":'));
  await assert.rejects(startBriefly({ data }), { code: 'INVALID_OPTION', message: /^data: line 2 of .* is damaged$/ });
});

test('keys and cookies are not written down', async (t) => {
  const data = temporaryFile(t);
  const { post, sandbox } = await startSandbox(t, { data, apiKeys: ['very_secret'] });
  await post('/api/embed/token', {}, { headers: { cookie: 'session=very_secret' } });
  assert.match(String(sandbox.requests[0].headers.authorization), /very_secret/);
  const text = fs.readFileSync(data, 'utf8');
  assert.match(text, /"authorization":"\[redacted\]"/);
  assert.doesNotMatch(text, /very_secret/);
});

test('a call that cannot be kept is not acknowledged, nor is any after it', async (t) => {
  const data = temporaryFile(t);
  const { sandbox, sale } = await startSandbox(t, { data });
  await sale();
  const handle = await fs.promises.open(data);
  const sync = t.mock.method(Object.getPrototypeOf(handle), 'datasync', async () => {
    throw new Error('no space left');
  });
  await handle.close();
  const { status, body } = await sale({ invoiceId: 'in_1' });
  assert.equal(status, 500);
  assert.deepEqual(body.error, { code: 'SANDBOX_ERROR', message: 'The data file cannot be written: no space left' });
  assert.equal(sandbox.requests[1].response?.status, 500);
  sync.mock.restore();
  assert.equal((await sale({ invoiceId: 'in_1' })).status, 500);
});

test('a folder that does not exist is an error', async (t) => {
  await assert.rejects(startBriefly({ data: path.join(temporaryFile(t), 'none') }), { code: 'ENOENT' });
});
