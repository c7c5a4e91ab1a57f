'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { openEventStream } = require('../support/event-stream.js');
const { startSandbox, LEAD } = require('../support/sandbox.js');

/**
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {string} path
 */
async function get(sandbox, path) {
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/**
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {string} order method and path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 */
async function control(sandbox, order, body, headers) {
  const [method, path] = order.split(' ');
  const response = await fetch(`${sandbox.url}/_sandbox/${path}`, {
    method,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, body: await response.json() };
}

test('the state tells everything that happened', async (t) => {
  const { sandbox, lead, sale, token } = await startSandbox(t);
  await lead({ customerName: 'Al' });
  await sale({ invoiceId: 'in_1' });
  await token();
  await sale({ clickId: 'click_2' });
  const { body } = await get(sandbox, 'state');
  assert.deepEqual(body.sandbox, {
    url: sandbox.url,
    appUrl: 'http://localhost:3000/',
    apiKey: 'sandbox_key',
    data: null,
  });
  assert.deepEqual(
    body.clicks.map((/** @type {any} */ { id, link }) => [id, link]),
    [
      ['click_1', 'refport.test/ada'],
      ['click_unlinked', null],
    ],
  );
  const { at, ...first } = body.leads[0];
  assert.equal(at, sandbox.leads[0].at.toISOString());
  assert.deepEqual(first, {
    id: 1,
    requestId: 1,
    clickId: 'click_1',
    customerId: 'user_1',
    email: null,
    name: 'Al',
    eventName: 'Sign up',
    linked: true,
  });
  const { amount, currency, commission, invoiceId, eventName } = body.sales[0];
  assert.deepEqual([amount, currency, commission, invoiceId, eventName], [4900, 'usd', 980, 'in_1', 'Purchase']);
  assert.equal(body.tokens[0].partner, 'ada');
  assert.deepEqual(
    body.requests.map((/** @type {any} */ { id, call, status, customerId, error }) => [
      id,
      call,
      status,
      customerId,
      error?.code,
    ]),
    [
      [1, 'lead', 200, 'user_1', undefined],
      [2, 'sale', 200, 'user_1', undefined],
      [3, 'token', 200, null, undefined],
      [4, 'sale', 400, 'user_1', 'INVALID_CLICK_ID'],
    ],
  );
});

test('a request is told in full, its key hidden', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  await lead();
  const { status, body } = await get(sandbox, 'requests/1');
  assert.equal(status, 200);
  assert.equal(body.body, JSON.stringify(LEAD));
  assert.equal(body.headers.authorization, '[redacted]');
  assert.deepEqual(JSON.parse(body.response.body), sandbox.leads[0].response);
  assert.equal((await get(sandbox, 'requests/2')).status, 404);
});

test('events follow the state without a gap', async (t) => {
  const { sandbox, lead, sale } = await startSandbox(t);
  await lead();
  const { lastEventId } = (await get(sandbox, 'state')).body;
  await sale();
  const { response, next } = await openEventStream(t, `${sandbox.url}/_sandbox/events?after=${lastEventId}`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  sandbox.fail({ enabled: false });
  const events = [];
  for (let i = 0; i < 4; i++) events.push(await next());
  assert.deepEqual(
    events.map(({ event }) => event),
    ['request', 'sale', 'request', 'faults'],
  );
  assert.deepEqual(
    [events[0].data.outcome, events[2].data.outcome, events[2].data.status],
    ['pending', 'answered', 200],
  );
  assert.equal(events[3].data[0].description, 'every call: status 500, once');
});

test('a page that comes back is told what it missed, or to start over', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  const first = (await get(sandbox, 'state')).body.lastEventId;
  await lead();
  const events = `${sandbox.url}/_sandbox/events`;
  const known = await openEventStream(t, `${events}?after=none.0`, { 'last-event-id': first });
  assert.equal((await known.next()).event, 'request');
  for (const after of ['', 'other.3', `${first.split('.')[0]}.99`, `${first.split('.')[0]}.x`]) {
    const lost = await openEventStream(t, `${events}?after=${after}`);
    assert.equal((await lost.next()).event, 'resync', after);
  }
});

test('what is too long ago for the memory is told by starting over', async (t) => {
  const { sandbox } = await startSandbox(t);
  const first = (await get(sandbox, 'state')).body.lastEventId;
  for (let i = 0; i < 3000; i++) sandbox.addClick(`click_of_${i}`);
  const { next } = await openEventStream(t, `${sandbox.url}/_sandbox/events?after=${first}`);
  assert.equal((await next()).event, 'resync');
});

test('a page that does not read is let go', async (t) => {
  const { sandbox } = await startSandbox(t);
  const { response, next } = await openEventStream(t, `${sandbox.url}/_sandbox/events`);
  assert.equal(response.status, 200);
  for (let i = 0; i < 200; i++) sandbox.addClick(`${'x'.repeat(100_000)}${i}`);
  await assert.rejects(async () => {
    for (let i = 0; i < 300; i++) await next();
  });
});

test('faults are added, switched and removed', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  const added = await control(sandbox, 'POST faults', {
    kind: 'fail',
    on: 'sale',
    status: 429,
    probability: 1,
    enabled: false,
  });
  assert.equal(added.status, 201);
  const { id, ...fault } = added.body;
  assert.deepEqual(fault, {
    kind: 'fail',
    on: 'sale',
    enabled: false,
    hits: 0,
    remaining: null,
    description: 'track.sale: status 429',
  });
  assert.equal((await sale()).status, 200);
  assert.equal((await control(sandbox, `PATCH faults/${id}`, { enabled: true })).body.enabled, true);
  assert.equal((await sale()).status, 429);
  assert.equal((await control(sandbox, `PATCH faults/${id}`, { enabled: false })).body.enabled, false);
  assert.equal((await control(sandbox, `DELETE faults/${id}`, {})).status, 200);
  assert.deepEqual(sandbox.faults, []);
  assert.equal((await control(sandbox, `DELETE faults/${id}`, {})).status, 404);
  assert.equal((await control(sandbox, `PATCH faults/${id}`, { enabled: true })).status, 404);
});

test('misuse is refused in words', async (t) => {
  const { sandbox } = await startSandbox(t);
  /** @type {Array<[order: string, body: unknown, message: RegExp]>} */
  const table = [
    ['POST faults', { kind: 'explode' }, /^kind must be one of fail, drop, delay, reply/],
    ['POST faults', { kind: 'fail', status: 1 }, /^status must be/],
    ['POST faults', '{', /^The body is not valid JSON$/],
    ['POST faults', '[]', /^The body must be an object/],
    ['POST clicks', { id: 'click_1' }, /click_1/],
    ['POST clicks', { partner: '../' }, /^click\.partner must be/],
  ];
  sandbox.fail({ enabled: false });
  table.push(['PATCH faults/1', { enabled: 'yes' }, /^enabled must be true or false/]);
  for (const [order, body, message] of table) {
    const answer = await control(sandbox, order, body);
    assert.equal(answer.status, 422, order);
    assert.match(answer.body.error.message, message);
  }
  assert.equal((await control(sandbox, 'POST nothing', {})).status, 404);
});

test('clicks are added, and everything is reset', async (t) => {
  const { sandbox, lead } = await startSandbox(t);
  const { status, body } = await control(sandbox, 'POST clicks', { partner: 'grace' });
  assert.equal(status, 201);
  assert.equal(body.partner, 'grace');
  assert.equal((await lead({ clickId: body.id })).status, 200);
  assert.equal((await control(sandbox, 'POST reset', {})).status, 200);
  assert.deepEqual([sandbox.clicks.length, sandbox.leads.length, sandbox.requests.length], [2, 0, 0]);
});

test('pages of other sites can neither read nor change anything', async (t) => {
  const { sandbox } = await startSandbox(t);
  const evil = { origin: 'https://evil.example' };
  assert.equal((await control(sandbox, 'POST reset', {}, evil)).status, 403);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    assert.equal((await control(sandbox, 'POST reset', {}, { 'content-type': type })).status, 415);
  }
  for (const path of ['state', 'events', 'requests/1', 'dashboard.css']) {
    const response = await fetch(`${sandbox.url}/_sandbox/${path}`, { headers: evil });
    assert.equal(response.status, 403, path);
    await response.body?.cancel();
  }
  const { headers } = await get(sandbox, 'state');
  assert.equal(headers.get('access-control-allow-origin'), null);
  assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
});

test('a sale whose invoice was counted before names the request and says whether it differs', async (t) => {
  const { sandbox, sale } = await startSandbox(t);
  await sale({ invoiceId: 'in_1', amount: 100 });
  await sale({ invoiceId: 'in_1', amount: 100, currency: 'USD' });
  await sale({ invoiceId: 'in_1', amount: 100, currency: 'eur' });
  await sale({ invoiceId: 'in_2', amount: 100 });
  const { requests } = (await get(sandbox, 'state')).body;
  const counted = { invoiceId: 'in_1', requestId: 1, amount: 100, currency: 'usd' };
  assert.deepEqual(
    requests.map((/** @type {any} */ { repeat }) => repeat),
    [null, { ...counted, differs: false }, { ...counted, differs: true }, null],
  );
});

test('the pages are served with a policy that lets in nothing from elsewhere', async (t) => {
  const { sandbox } = await startSandbox(t);
  /** @type {Array<[path: string, type: RegExp]>} */
  const files = [
    ['/', /^text\/html/],
    ['/favicon.ico', /^image\/svg\+xml/],
    ['/_sandbox/dashboard.css', /^text\/css/],
    ['/_sandbox/dashboard.js', /^text\/javascript/],
    ['/_sandbox/portal.js', /^text\/javascript/],
  ];
  for (const [path, type] of files) {
    const response = await fetch(sandbox.url + path);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get('content-type') ?? '', type);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|http/);
    await response.text();
  }
});

test('the page can be asked for by its head', async (t) => {
  const { sandbox } = await startSandbox(t);
  const response = await fetch(sandbox.url, { method: 'HEAD' });
  assert.deepEqual([response.status, await response.text()], [200, '']);
});

test('no other file can be asked for', async (t) => {
  const { sandbox } = await startSandbox(t);
  for (const name of [
    '..%2fcli.js',
    '%2e%2e/cli.js',
    'index.html',
    'portal.html',
    'README.md',
    'constructor',
    'a.css',
    '',
  ]) {
    const response = await fetch(`${sandbox.url}/_sandbox/${name}`);
    assert.equal(response.status, 404, name);
  }
});

test('what the dashboard does is not recorded', async (t) => {
  const { sandbox } = await startSandbox(t);
  await fetch(`${sandbox.url}/`);
  await get(sandbox, 'state');
  await control(sandbox, 'POST clicks', {});
  assert.deepEqual(sandbox.requests, []);
});
