'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startSandbox } = require('../support/sandbox.js');

/** @param {{ status: number }[]} answers */
const statuses = (answers) => answers.map(({ status }) => status);

test('fail answers one call with an error of the API, unless told otherwise', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.fail();
  const { status, body } = await sale();
  assert.equal(status, 500);
  assert.equal(body.error.code, 'INTERNAL_SERVER_ERROR');
  assert.equal((await sale()).status, 200);
  assert.equal(sandbox.sales.length, 1);
  assert.deepEqual(sandbox.requests[0].faults, ['fail']);
});

test('fail speaks the codes that the API documents', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const codes = {
    400: 'VALIDATION_ERROR',
    401: 'UNAUTHORIZED',
    404: 'NOT_FOUND',
    422: 'VALIDATION_ERROR',
    429: 'RATE_LIMIT_EXCEEDED',
    503: 'SERVICE_UNAVAILABLE',
    599: 'STATUS_599',
  };
  for (const [status, code] of Object.entries(codes)) {
    sandbox.fail({ status: Number(status) });
    const answer = await sale();
    assert.equal(answer.status, Number(status));
    assert.equal(answer.body.error.code, code);
    assert.ok(answer.body.error.message);
  }
});

test('fail takes code, message, Retry-After and headers', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.fail({ status: 429, retryAfter: 2, code: 'SLOW_DOWN', message: 'Later', headers: { 'X-Request-Id': 'r1' } });
  const first = await sale();
  assert.deepEqual(first.body, { error: { code: 'SLOW_DOWN', message: 'Later' } });
  assert.equal(first.headers.get('retry-after'), '2');
  assert.equal(first.headers.get('x-request-id'), 'r1');
  sandbox.fail({ status: 503, retryAfter: 'Wed, 21 Oct 2015 07:28:00 GMT' });
  assert.equal((await sale()).headers.get('retry-after'), 'Wed, 21 Oct 2015 07:28:00 GMT');
  assert.equal((await sale()).headers.get('retry-after'), null);
});

test('a fault hits the call it is for, as often as it is told to', async (t) => {
  const { sandbox, lead, sale, token } = await startSandbox(t);
  const fault = sandbox.fail({ on: 'sale', status: 429, times: 3 });
  assert.deepEqual(statuses([await lead(), await token(), await sale(), await sale()]), [200, 200, 429, 429]);
  assert.equal(fault.hits, 2);
  assert.equal(fault.remaining, 1);
  assert.deepEqual(statuses([await sale(), await sale()]), [429, 200]);
  assert.equal(fault.remaining, 0);
  assert.deepEqual(sandbox.faults, []);
});

for (const on of /** @type {const} */ (['lead', 'sale', 'token', 'any'])) {
  test(`a fault on ${on} hits nothing else`, async (t) => {
    const client = await startSandbox(t);
    client.sandbox.fail({ on, times: Infinity });
    for (const call of /** @type {const} */ (['lead', 'sale', 'token'])) {
      assert.equal((await client[call]()).status, on === 'any' || on === call ? 500 : 200, call);
    }
    const link = await fetch(`${client.sandbox.url}/go/ada`, { redirect: 'manual' });
    assert.equal(link.status, 302);
  });
}

test('a fault strikes before the API looks at the call', async (t) => {
  const { sandbox, post } = await startSandbox(t);
  sandbox.fail({ status: 503 });
  assert.equal((await post('/api/track/sale', '{', { headers: { authorization: 'none' } })).status, 503);
});

test('a fault after the call took effect hides that it did', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.fail({ status: 504, when: 'after' });
  sandbox.reply({ status: 200, body: 'ok?', when: 'after' });
  assert.equal((await sale({ invoiceId: 'in_1' })).status, 504);
  assert.equal(sandbox.sales.length, 1);
  await assert.rejects(sale({ invoiceId: 'in_2' }), SyntaxError);
  assert.equal(sandbox.sales.length, 2);
  assert.equal((await sale({ invoiceId: 'in_1' })).body.sale.id, 'sale_1');
});

test('drop resets the connection before the call takes effect', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.drop();
  await assert.rejects(sale(), (/** @type {any} */ error) => error.cause.code === 'ECONNRESET');
  assert.equal(sandbox.sales.length, 0);
  assert.equal(sandbox.requests[0].outcome, 'dropped');
  assert.equal(sandbox.requests[0].response, null);
  assert.equal((await sale()).status, 200);
});

test('drop can reset the connection after the call took effect', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.drop({ when: 'after' });
  await assert.rejects(sale(), (/** @type {any} */ error) => error.cause.code === 'ECONNRESET');
  assert.equal(sandbox.sales.length, 1);
  assert.equal(sandbox.requests[0].outcome, 'dropped');
});

test('drop can break off during the answer', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.drop({ when: 'during' });
  const response = await fetch(`${sandbox.url}/api/track/sale`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clickId: 'click_1', customerExternalId: 'u', amount: 1 }),
  });
  assert.equal(response.status, 200);
  /** @type {Uint8Array[]} */
  const received = [];
  const read = async () => {
    for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (response.body)) received.push(chunk);
  };
  await assert.rejects(read());
  const length = Number(response.headers.get('content-length'));
  assert.equal(Buffer.concat(received).length, Math.floor(length / 2));
  assert.equal(sandbox.sales.length, 1);
  assert.equal((await sale()).status, 200);
});

test('delay holds the answer back, not the recording', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.delay({ ms: 60_000 });
  const gone = new AbortController();
  const answer = fetch(`${sandbox.url}/api/track/sale`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clickId: 'click_1', customerExternalId: 'u', amount: 1 }),
    signal: gone.signal,
  });
  await sandbox.waitForSale();
  assert.equal(sandbox.requests[0].outcome, 'pending');
  gone.abort();
  await assert.rejects(answer, { name: 'AbortError' });
  await sandbox.waitForRequest(({ outcome }) => outcome === 'aborted');
  assert.equal((await sale()).status, 200);
});

test('delay before the call takes effect: who leaves meanwhile has done nothing', async (t) => {
  const { sandbox } = await startSandbox(t);
  sandbox.delay({ ms: 60_000, when: 'before' });
  const gone = new AbortController();
  const answer = fetch(`${sandbox.url}/api/track/sale`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clickId: 'click_1', customerExternalId: 'u', amount: 1 }),
    signal: gone.signal,
  });
  await sandbox.waitForRequest();
  gone.abort();
  await assert.rejects(answer, { name: 'AbortError' });
  await sandbox.waitForRequest(({ outcome }) => outcome === 'aborted');
  assert.equal(sandbox.sales.length, 0);
});

test('delays add up, and other faults still apply', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  sandbox.delay({ ms: 40 });
  sandbox.delay({ ms: 40, when: 'before' });
  sandbox.fail({ status: 503 });
  sandbox.fail({ status: 429 });
  assert.deepEqual(statuses([await sale(), await sale(), await sale()]), [503, 429, 200]);
  assert.deepEqual(
    sandbox.requests.map(({ faults }) => faults),
    [['delay', 'delay', 'fail'], ['fail'], []],
  );
  // Timers may fire up to a millisecond early.
  assert.ok(/** @type {number} */ (sandbox.requests[0].duration) >= 78);
});

test('reply answers with anything', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const send = () => fetch(`${sandbox.url}/api/track/sale`, { method: 'POST', redirect: 'manual' });
  sandbox.reply();
  let response = await send();
  assert.deepEqual([response.status, await response.text()], [200, '']);
  assert.equal(response.headers.get('content-type'), null);
  sandbox.reply({ body: '<h1>Bad gateway</h1>', status: 502, headers: { 'Content-Type': 'text/html' } });
  response = await send();
  assert.deepEqual([response.status, await response.text()], [502, '<h1>Bad gateway</h1>']);
  assert.equal(response.headers.get('content-type'), 'text/html');
  sandbox.reply({ body: { sale: [1] } });
  response = await send();
  assert.deepEqual(await response.json(), { sale: [1] });
  assert.match(response.headers.get('content-type') ?? '', /json/);
  sandbox.reply({ status: 302, headers: { location: '/elsewhere' } });
  response = await send();
  assert.deepEqual([response.status, response.headers.get('location')], [302, '/elsewhere']);
  sandbox.reply({ status: 204 });
  assert.equal((await send()).status, 204);
  sandbox.reply({ body: null });
  assert.equal((await sale()).body, null);
  assert.equal(sandbox.sales.length, 0);
});

test('a fault with a probability hits some calls, the same ones for the same seed', async (t) => {
  const run = async (/** @type {number} */ seed) => {
    const { sandbox, sale } = await startSandbox(t, { seed });
    const fault = sandbox.fail({ status: 429, probability: 0.5 });
    const answers = [];
    for (let i = 0; i < 40; i++) answers.push((await sale()).status);
    assert.equal(fault.remaining, Infinity);
    assert.equal(fault.hits, answers.filter((status) => status === 429).length);
    return answers;
  };
  const first = await run(1);
  assert.deepEqual(new Set(first), new Set([200, 429]));
  assert.deepEqual(await run(1), first);
  assert.notDeepEqual(await run(2), first);
});

test('a fault can be switched off and on, and taken away', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const fault = sandbox.fail({ times: Infinity, enabled: false });
  assert.equal(fault.enabled, false);
  assert.equal((await sale()).status, 200);
  fault.enable();
  assert.equal((await sale()).status, 500);
  fault.disable();
  assert.equal((await sale()).status, 200);
  fault.enable();
  fault.remove();
  fault.remove();
  assert.equal((await sale()).status, 200);
  assert.deepEqual(sandbox.faults, []);
  sandbox.fail({ times: Infinity });
  sandbox.drop({ times: Infinity });
  sandbox.clearFaults();
  assert.equal((await sale()).status, 200);
});

test('a fault says in words what it does', async (t) => {
  const { sandbox } = await startSandbox(t);
  const said = [
    sandbox.fail({ on: 'sale', status: 429, times: 3 }),
    sandbox.drop({ on: 'token', when: 'during', times: Infinity }),
    sandbox.delay({ ms: 200, probability: 0.25 }),
    sandbox.reply({ status: 204, when: 'after' }),
  ].map(({ description }) => description);
  assert.deepEqual(said, [
    'track.sale: status 429, 3 times',
    'embedTokens.create: connection reset half-way through the answer',
    'every call: 200 ms before the answer, 25% of the time',
    'every call: own answer with status 204, after it took effect, once',
  ]);
});

test('latency holds every call back', async (t) => {
  const { sandbox, lead, sale } = await startSandbox(t, { latency: [30, 40] });
  await lead();
  await sale();
  for (const { duration } of sandbox.requests) assert.ok(/** @type {number} */ (duration) >= 29);
});
