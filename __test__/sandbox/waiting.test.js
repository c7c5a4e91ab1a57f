'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { createSandbox, SandboxError } = require('refport/testing');
const { startSandbox } = require('../support/sandbox.js');

test('waiting ends with the first that fits, whether it has come already or not', async (t) => {
  const { sandbox, lead, sale, token } = await startSandbox(t);
  const future = [
    sandbox.waitForLead(),
    sandbox.waitForSale(({ params }) => params.amount > 100),
    sandbox.waitForToken(),
    sandbox.waitForRequest(({ call, response }) => call === 'sale' && response?.status === 400),
  ];
  await lead();
  await sale({ amount: 1 });
  await sale({ amount: 101 });
  await token();
  await sale({ amount: '1' });
  const [firstLead, bigSale, firstToken, badRequest] = await Promise.all(future);
  assert.equal(firstLead, sandbox.leads[0]);
  assert.equal(bigSale, sandbox.sales[1]);
  assert.equal(firstToken, sandbox.tokens[0]);
  assert.equal(badRequest, sandbox.requests.at(-1));
  assert.equal(await sandbox.waitForSale(({ params }) => params.amount > 100), bigSale);
});

test('a request can be waited for from its arrival', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  sandbox.delay({ ms: 60_000 });
  lead().catch(() => {});
  const { outcome, call } = await sandbox.waitForRequest();
  assert.deepEqual([outcome, call], ['pending', 'lead']);
});

test('waiting that is in vain says what came instead', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  await assert.rejects(sandbox.waitForSale(undefined, { timeout: 1 }), (error) => {
    assert.ok(error instanceof SandboxError);
    assert.equal(error.code, 'TIMEOUT');
    assert.equal(error.name, 'SandboxError');
    assert.equal(error.message, 'No sale that fits within 1 ms: none came at all');
    return true;
  });
  await lead();
  await assert.rejects(
    sandbox.waitForLead(() => false, { timeout: 1 }),
    { message: /: 1 came, none of which fits$/ },
  );
});

test('an error of the predicate ends the wait', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  const wait = sandbox.waitForLead(() => {
    throw new TypeError('my mistake');
  });
  await Promise.all([assert.rejects(wait, { message: 'my mistake' }), lead()]);
});

test('closing and resetting end what still waits', async () => {
  const sandbox = await createSandbox();
  const first = assert.rejects(sandbox.waitForLead(), { code: 'RESET' });
  sandbox.reset();
  await first;
  const second = assert.rejects(sandbox.waitForLead(), { code: 'CLOSED' });
  await sandbox.close();
  await second;
  await assert.rejects(sandbox.waitForLead(), { code: 'CLOSED' });
});

test('misuse of waiting is an error that names the argument', async (t) => {
  const { sandbox } = await startSandbox(t);
  // @ts-expect-error -- misuse on purpose
  await assert.rejects(sandbox.waitForSale('x'), { code: 'INVALID_OPTION', message: /predicate of waitForSale/ });
  await assert.rejects(sandbox.waitForSale(undefined, { timeout: -1 }), { message: /^timeout must be/ });
  // @ts-expect-error -- misuse on purpose
  await assert.rejects(sandbox.waitForSale(undefined, { timeOut: 1 }), { message: /no option "timeOut"/ });
});

test('a subscriber hears of everything in order, until it has enough', async (t) => {
  const { sandbox, lead, sale, token } = await startSandbox(t);
  /** @type {string[]} */
  const heard = [];
  const unsubscribe = sandbox.subscribe((event) => {
    heard.push(event.type === 'request' ? `${event.request.call} ${event.request.outcome}` : event.type);
  });
  await lead();
  const fault = sandbox.fail({ enabled: false });
  fault.remove();
  await sale();
  await token();
  sandbox.addClick('click_2');
  sandbox.reset();
  unsubscribe();
  await lead();
  assert.deepEqual(heard, [
    'lead pending',
    'lead',
    'lead answered',
    'faults',
    'faults',
    'sale pending',
    'sale',
    'sale answered',
    'token pending',
    'token',
    'token answered',
    'click',
    'reset',
  ]);
});
