'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { after, test } = require('node:test');
const { closeBrowser, openDashboard, openPage, rows } = require('./support.js');

after(closeBrowser);

/** @param {string} place where it is put, to tell the places apart */
const attack = (place) =>
  `${place}"><img src=x onerror="window.harmed='${place}'"><script>window.harmed='${place}'</script>&lt;`;

/**
 * No element of the attack has come to be, and none of its code has run.
 *
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 */
async function assertUnharmed(page) {
  assert.equal(await page.evaluate(() => Reflect.get(window, 'harmed')), undefined);
  assert.equal(await page.locator('img[src="x"]').count(), 0);
  assert.equal(await page.locator('script:not([src]):not([type="application/json"])').count(), 0);
}

test('nothing that came over the network is read as HTML', async (t) => {
  const { sandbox, page, post } = await openDashboard(t, {
    clicks: [{ id: attack('click'), link: { key: attack('key'), domain: attack('domain') } }, 'click_1'],
  });
  sandbox.fail({ on: 'token', code: attack('code'), message: attack('message') });
  const customer = {
    clickId: attack('click'),
    customerExternalId: attack('id'),
    customerName: attack('name'),
    customerEmail: attack('email'),
    customerAvatar: `https://x.example/?${attack('avatar')}`,
    metadata: { [attack('field')]: attack('metadata') },
  };
  await post('track/lead', { ...customer, eventName: attack('event') });
  await post('track/sale', { ...customer, eventName: attack('sale'), amount: 100, invoiceId: attack('invoice') });
  await post('track/sale', { ...customer, clickId: attack('unknown'), amount: 100 });
  await post('track/lead', { clickId: 'click_1', customerExternalId: attack('nameless'), eventName: 'x' });
  await post('embed/token', { tenantId: attack('tenant') });
  await fetch(`${sandbox.url}/${attack('path')}?${attack('query')}`, { headers: { 'x-own': attack('header') } });

  const name = rows(page).filter({ hasText: attack('name') });
  await name.waitFor();
  await rows(page)
    .filter({ hasText: attack('nameless') })
    .waitFor();
  await assertUnharmed(page);
  await name.click();
  const detail = page.locator('#detail');
  await detail.getByText(attack('event')).waitFor();
  await detail.getByText(attack('email')).waitFor();
  await assertUnharmed(page);

  await page.getByRole('tab', { name: 'Requests' }).click();
  for (const id of sandbox.requests.map((request) => request.id)) {
    await rows(page)
      .filter({ has: page.locator('td:first-child', { hasText: new RegExp(`^${id}$`) }) })
      .click();
    await detail.getByRole('heading', { name: `Request #${id}` }).waitFor();
    await detail.locator('details').first().click();
    await assertUnharmed(page);
  }
  await detail.getByText(attack('header'), { exact: false }).waitFor();
});

test('nor in the portal', async (t) => {
  const { sandbox, post } = await openDashboard(t);
  const answer = await post('embed/token', {
    tenantId: attack('tenant'),
    partner: { email: 'a@b.example', name: attack('name') },
  });
  const { publicToken } = await answer.json();
  const page = await openPage(t);
  const theme = encodeURIComponent(
    JSON.stringify({ primaryColor: attack('colour'), '--x': 'url(http://evil.example/x)' }),
  );
  await page.goto(
    `${sandbox.url}/embed/referrals?token=${publicToken}&theme=${attack('theme')}&themeOptions=${theme}&cssVars=${theme}`,
  );
  await page.getByRole('heading', { name: `Hello ${attack('name')}` }).waitFor();
  assert.equal(
    await page.getByLabel('Your link').inputValue(),
    `${sandbox.url}/go/${encodeURIComponent(attack('tenant'))}`,
  );
  await assertUnharmed(page);
});

test('a page of another origin can neither read nor change the sandbox', async (t) => {
  const { sandbox, post } = await openDashboard(t);
  await post('track/lead', { clickId: 'click_1', customerExternalId: 'user_1', eventName: 'Sign up' });
  const page = await openPage(t, { errors: /CORS|Failed to load/ });
  const site = createServer((_req, res) => res.end('another site')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  t.after(() => site.close());
  t.after(() => site.closeAllConnections());
  await page.goto(`http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (site.address()).port}/`);
  const headers = { 'content-type': 'application/json' };
  /** @type {Array<[path: string, init: RequestInit]>} */
  const attempts = [
    ['state', {}],
    ['state', { mode: 'no-cors' }],
    ['reset', { method: 'POST', headers, body: '{}' }],
    ['reset', { method: 'POST', mode: 'no-cors', body: '{}' }],
    ['faults', { method: 'POST', mode: 'no-cors', body: '{"kind":"drop"}' }],
  ];
  for (const [path, init] of attempts) {
    const result = await page.evaluate(
      ([url, options]) =>
        fetch(url, options).then(
          (response) => `answered ${response.status}`,
          () => 'refused',
        ),
      /** @type {const} */ ([`${sandbox.url}/_sandbox/${path}`, init]),
    );
    // Status 0 is all that such a page may learn of an answer.
    assert.match(result, /^(?:refused|answered 0)$/, `${path} ${JSON.stringify(init)}`);
  }
  assert.deepEqual([sandbox.leads.length, sandbox.faults.length], [1, 0]);
});
