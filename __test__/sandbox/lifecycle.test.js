'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const net = require('node:net');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { createSandbox } = require('refport/testing');
const { startBriefly, startSandbox, LEAD } = require('../support/sandbox.js');

test('requests are kept in order of arrival with all that was sent and answered', async (t) => {
  const { sandbox, post, lead } = await startSandbox(t);
  await lead();
  await post('/api/track/sale?x=1', '{', { headers: { 'X-Own': 'yes' } });
  const [first, second] = sandbox.requests;
  assert.deepEqual([first.id, second.id], [1, 2]);
  assert.ok(first.at instanceof Date && first.at <= second.at);
  assert.deepEqual(
    [first.call, first.method, first.path, first.httpVersion],
    ['lead', 'POST', '/api/track/lead', '1.1'],
  );
  assert.equal(first.body, JSON.stringify(LEAD));
  assert.deepEqual(first.json, LEAD);
  assert.equal(first.headers.authorization, `Bearer ${sandbox.apiKey}`);
  assert.equal(first.outcome, 'answered');
  assert.equal(first.response?.status, 200);
  assert.deepEqual(JSON.parse(first.response?.body ?? ''), sandbox.leads[0].response);
  assert.equal(sandbox.leads[0].requestId, first.id);
  assert.deepEqual(
    [second.path, second.body, second.json, second.response?.status],
    ['/api/track/sale?x=1', '{', undefined, 400],
  );
  assert.equal(second.headers['x-own'], 'yes');
});

test('the outcome is known when the client has its answer', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  for (let i = 0; i < 50; i++) {
    await lead();
    assert.equal(sandbox.requests[i].outcome, 'answered');
  }
});

test('reset goes back to the beginning', async (t) => {
  const { sandbox, lead, sale, token } = await startSandbox(t);
  const { requests, leads, sales, tokens, clicks } = sandbox;
  await lead({ customerName: 'Al' });
  await sale({ invoiceId: 'in_1' });
  await token();
  sandbox.addClick('click_2');
  sandbox.fail({ times: Infinity });
  sandbox.reset();
  assert.deepEqual([requests, leads, sales, tokens, sandbox.faults], [[], [], [], [], []]);
  assert.deepEqual(
    clicks.map(({ id }) => id),
    ['click_1', 'click_unlinked'],
  );
  const { body } = await sale({ invoiceId: 'in_1', amount: 100 });
  assert.deepEqual([body.sale.id, body.sale.amount, body.customer.name], ['sale_1', 100, null]);
  assert.deepEqual([sales.length, requests[0].id], [1, 1]);
});

test('what is under way at a reset is cut off and leaves no trace', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.delay({ ms: 20, when: 'before' });
  const answer = assert.rejects(sale());
  await sandbox.waitForRequest();
  sandbox.reset();
  await answer;
  await sale({ amount: 1 });
  assert.deepEqual(
    sandbox.sales.map(({ params }) => params.amount),
    [1],
  );
  assert.equal(sandbox.requests.length, 1);
});

test('a reset in the very moment of arrival leaves no trace either', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const stop = sandbox.subscribe(() => {
    stop();
    sandbox.reset();
  });
  await assert.rejects(sale());
  assert.deepEqual([sandbox.requests.length, sandbox.sales.length], [0, 0]);
});

test('close cuts off what is under way, idle connections too, and can be called twice', async () => {
  const sandbox = await createSandbox();
  const { port } = new URL(sandbox.url);
  const idle = net.connect(Number(port), '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  const cut = new Promise((resolve) => idle.once('close', resolve));
  sandbox.delay({ ms: 60_000 });
  const answer = assert.rejects(fetch(`${sandbox.url}/api/track/lead`, { method: 'POST' }));
  await sandbox.waitForRequest();
  await Promise.all([sandbox.close(), sandbox.close()]);
  await answer;
  await cut;
  await sandbox.close();
  await assert.rejects(fetch(sandbox.url), (/** @type {any} */ error) => error.cause.code === 'ECONNREFUSED');
});

test('idle connections are never closed by the sandbox: a client may be about to use one', async (t) => {
  const { lead } = await startSandbox(t);
  // It would announce when it closes them.
  assert.equal((await lead()).headers.get('keep-alive'), null);
});

test('it can be disposed of', async () => {
  const sandbox = await createSandbox();
  await sandbox[Symbol.asyncDispose]();
  await assert.rejects(fetch(sandbox.url));
});

test('sandboxes live side by side', async (t) => {
  const clients = await Promise.all(Array.from({ length: 8 }, () => startSandbox(t)));
  assert.equal(new Set(clients.map(({ sandbox }) => sandbox.url)).size, 8);
  await Promise.all(clients.map(({ lead }, index) => lead({ customerExternalId: `user_${index}` })));
  clients.forEach(({ sandbox }, index) => {
    assert.deepEqual(
      sandbox.leads.map(({ params }) => params.customerExternalId),
      [`user_${index}`],
    );
  });
});

test('a port that is taken is an error', async (t) => {
  const { sandbox } = await startSandbox(t);
  await assert.rejects(startBriefly({ port: Number(new URL(sandbox.url).port) }), { code: 'EADDRINUSE' });
});

test('only so many requests are kept when told to', async (t) => {
  const { sandbox, lead } = await startSandbox(t, { maxRequests: 8 });
  for (let i = 0; i < 25; i++) await lead();
  assert.ok(sandbox.requests.length >= 8 && sandbox.requests.length < 10);
  assert.equal(sandbox.requests.at(-1)?.id, 25);
  assert.equal(sandbox.leads.length, 25);
});

test('a process that closes its sandbox ends by itself', async () => {
  const script = `const { createSandbox } = require(${JSON.stringify(require.resolve('refport/testing'))});
    createSandbox({ http2: true }).then((sandbox) => sandbox.close());`;
  await promisify(execFile)(process.execPath, ['-e', script], { timeout: 20_000 });
});

test('the main entry does not load the sandbox', async () => {
  const script = `require(${JSON.stringify(require.resolve('refport'))});
    console.log(Object.keys(require.cache).filter((file) => /sandbox|testing/.test(file)).length);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  assert.equal(stdout.trim(), '0');
});
