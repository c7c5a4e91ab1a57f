'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startSandbox } = require('../support/sandbox.js');

test('a short link registers a click and leads to the app with its id', async (t) => {
  const { sandbox, lead } = await startSandbox(t, { appUrl: 'https://shop.example/start?from=ad#top' });
  const response = await fetch(`${sandbox.url}/go/Grace-1.x_y`, { redirect: 'manual' });
  assert.equal(response.status, 302);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const location = new URL(response.headers.get('location') ?? '');
  const clickId = location.searchParams.get('refp_id') ?? '';
  assert.equal(location.href, `https://shop.example/start?from=ad&refp_id=${clickId}#top`);
  const click = sandbox.clicks.at(-1);
  assert.deepEqual([click?.id, click?.partner, click?.link?.key], [clickId, 'Grace-1.x_y', 'Grace-1.x_y']);
  assert.equal(click?.link?.domain, new URL(sandbox.url).host);
  assert.equal((await lead({ clickId })).body.link.key, 'Grace-1.x_y');
});

test('every visit is a click of its own', async (t) => {
  const { sandbox } = await startSandbox(t);
  for (let i = 0; i < 3; i++) await fetch(`${sandbox.url}/go/ada`, { redirect: 'manual' });
  assert.equal(new Set(sandbox.clicks.map(({ id }) => id)).size, 5);
  assert.deepEqual(
    sandbox.requests.map(({ call, path }) => [call, path]),
    Array(3).fill(['click', '/go/ada']),
  );
});

test('what is no name of a partner is not found', async (t) => {
  const { sandbox } = await startSandbox(t);
  for (const path of ['/go/', '/go/a/b', '/go/%2e', '/go/a%20b', '/go/<b>', `/go/${'a'.repeat(65)}`, '/go']) {
    assert.equal((await fetch(sandbox.url + path, { redirect: 'manual' })).status, 404, path);
  }
  assert.equal((await fetch(`${sandbox.url}/go/ada`, { method: 'POST' })).status, 404);
  assert.equal(sandbox.clicks.length, 2);
});
