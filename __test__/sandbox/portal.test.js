'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { startSandbox } = require('../support/sandbox.js');

/**
 * @param {import('refport/testing').Sandbox} sandbox
 * @param {string} [token]
 */
async function openPortal(sandbox, token) {
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  const response = await fetch(`${sandbox.url}/embed/referrals${query}`);
  const html = await response.text();
  const [, json = ''] = /<script type="application\/json" id="content">(.*?)<\/script>/s.exec(html) ?? [];
  return { response, html, content: JSON.parse(json) };
}

test('a valid token opens the portal of its partner, and nobody else’s', async (t) => {
  const { sandbox, lead, sale, token } = await startSandbox(t, {
    clicks: ['click_1', { id: 'click_2' }, { id: 'other', partner: 'grace' }, { id: 'none', link: null }],
  });
  await lead();
  await sale({ amount: 1000 });
  await sale({ amount: 500, currency: 'EUR', clickId: 'click_2' });
  await sale({ amount: 2000, currency: 'USD' });
  await lead({ clickId: 'other' });
  await sale({ clickId: 'other' });
  await sale({ clickId: 'none' });
  const { body } = await token({ partner: { email: 'ada@example.com', name: 'Ada L.' } });
  const { response, content } = await openPortal(sandbox, body.publicToken);
  assert.equal(response.status, 200);
  const { latest, ...data } = content.data;
  assert.deepEqual(data, {
    name: 'Ada L.',
    link: `${sandbox.url}/go/ada`,
    expires: body.expires,
    clicks: 2,
    leads: 1,
    sales: 3,
    earnings: { usd: 600, eur: 100 },
  });
  assert.deepEqual(latest[0].earned, { amount: 400, currency: 'USD' });
  assert.deepEqual(latest.map((/** @type {any} */ { type }) => type).sort(), [
    'click',
    'click',
    'lead',
    'sale',
    'sale',
    'sale',
  ]);
  assert.deepEqual(sandbox.requests.at(-1)?.call, 'portal');
});

test('the partner is who the token was minted for', async (t) => {
  const { sandbox, post } = await startSandbox(t);
  /** @type {Array<[params: object, partner: string]>} */
  const table = [
    [{ tenantId: 'grace' }, 'grace'],
    [{ enrollmentId: 'en_1', tenantId: 'grace' }, 'en_1'],
    [{ partner: { email: 'linus@example.com' } }, 'linus'],
  ];
  for (const [params, partner] of table) {
    const { body } = await post('/api/embed/token', params);
    const { content } = await openPortal(sandbox, body.publicToken);
    assert.equal(content.data.link, `${sandbox.url}/go/${partner}`);
  }
});

test('without a valid token there is an error', async (t) => {
  const { sandbox } = await startSandbox(t);
  for (const token of [undefined, '', 'pt_none', '__proto__']) {
    const { response, content } = await openPortal(sandbox, token);
    assert.equal(response.status, 401);
    assert.equal(content.error.code, 'UNAUTHORIZED');
  }
});

test('a token that has expired opens nothing', async (t) => {
  const { sandbox, token } = await startSandbox(t, { tokenLifetime: 0 });
  const { body } = await token();
  const { response, content } = await openPortal(sandbox, body.publicToken);
  assert.equal(response.status, 401);
  assert.equal(content.error.code, 'TOKEN_EXPIRED');
  assert.equal('data' in content, false);
});

test('it may be embedded by apps on this machine and by the configured one', async (t) => {
  const { sandbox, token } = await startSandbox(t, { appUrl: 'https://shop.example/a' });
  const { body } = await token();
  const { response } = await openPortal(sandbox, body.publicToken);
  const policy = response.headers.get('content-security-policy') ?? '';
  const [, ancestors = ''] = /frame-ancestors ([^;]*)/.exec(policy) ?? [];
  assert.deepEqual(ancestors.split(' '), [
    "'self'",
    'http://localhost:*',
    'http://127.0.0.1:*',
    'https://localhost:*',
    'https://127.0.0.1:*',
    'https://shop.example',
  ]);
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.equal(response.headers.get('cache-control'), 'no-store');
});

test('what it shows cannot leave the place where it stands', async (t) => {
  const { sandbox, token } = await startSandbox(t);
  const name = '</script><script>alert(1)</script><!--{{content}}$&';
  const { body } = await token({ partner: { email: 'a@b.example', name } });
  const { html, content } = await openPortal(sandbox, body.publicToken);
  assert.equal(content.data.name, name);
  assert.doesNotMatch(html, /alert\(1\)<\/script>/);
  assert.equal(html.split('<script').length, 3);
});
